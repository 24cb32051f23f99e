"""Log events and queries for the tests of Logs Insights, with the rows that the queries must give."""
