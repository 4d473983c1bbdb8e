"""Claims taken apart: what lies behind a verdict, as tables, figures and a section of the document."""
