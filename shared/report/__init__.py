"""The report: what the outcomes of the last weeks say, as one page a person can look at."""
