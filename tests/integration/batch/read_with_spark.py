"""What Spark in local mode reads of a folder of Parquet: the columns, and the result of a query over it, as JSON."""

import json
import sys

from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    .getOrCreate()
)
frame = spark.read.parquet(sys.argv[1])
frame.createOrReplaceTempView("lake")
rows = [row.asDict(recursive=True) for row in spark.sql(sys.argv[2]).collect()]
json.dump({"columns": sorted(frame.columns), "rows": rows}, sys.stdout)
