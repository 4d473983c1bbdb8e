"""The publics asked what respondents of experiments are asked."""
