"""Role `geotag`: tags unique items with places and regions. For now it passes everything on with none."""
