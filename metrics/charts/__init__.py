"""Server-side SVG: geometry in attributes, looks in CSS classes, no style, no script. Numbers in, safe text out."""
