"""What comes into the records bucket by files: feedback in bulk, and records that Firehose couldn't partition.

intake.py          an object that was created → what it means, done once however often it's repeated
feedback_file.py   an uploaded feedback file → feedback objects, and the report next to the file
log.py             its log lines and metrics
"""
