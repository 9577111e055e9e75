"""The linkage export's pure part: from plain records to the plain members of two archives. No models, no database.

schema    what a column is: names, labels, value sets        rows      plain records -> coded rows
frozen    the prepared set of rows, as one stream            files     CSV and Parquet members of a zip, as a stream
lint      the rules that stop a file                         codebook, manifest, readme   what explains the files
archives  the two archives: the linkage officer's and the evaluator's
"""
