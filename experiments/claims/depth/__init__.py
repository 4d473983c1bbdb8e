"""Claims taken apart: what lies behind a verdict, declared as data, as tables, figures and a section of the document."""
