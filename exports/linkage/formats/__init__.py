"""The rows of a data file in the formats of other programs, all from one Layout.

tables    writes them into an archive, beside the CSV file
sas       a SAS program that reads the CSV file      parquet   with labels and value sets in its footer
readstat  SAS transport, Stata, SPSS                 datapackage   the description of a Frictionless data package

What a format has no room for: SAS transport has no value labels; Stata has none for text. LAES_MIG.txt says so.
A data file has numbers and coded text and no dates: the linter lets none out.
"""
