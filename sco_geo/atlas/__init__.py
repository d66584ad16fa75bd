"""The page: style, texts, encoding of geometry, and the Folium elements that make one HTML file."""
