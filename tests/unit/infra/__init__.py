"""Infrastructure and package, held against the code and against each other."""
