"""`people`: commands around people files, which say whose badge it is."""
