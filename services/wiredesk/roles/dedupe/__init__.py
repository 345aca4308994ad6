"""Role `dedupe`: gives every collected item a verdict. For now it passes everything on as `new`."""
