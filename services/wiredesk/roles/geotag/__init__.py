"""Role `geotag`: the places that an item names, and the regions it is about."""
