"""Statistics on outcome tables: intervals, paired contrasts, competing risks, responses, and whether they hold.

Everything takes `Arm`s (lanes under one policy) or plain arrays, and returns polars tables with an interval and a Monte
Carlo error in every row.
"""
