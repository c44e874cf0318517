"""Market data as transactions: readers of Databento's DBN and of CSV, order state, and the .vtx file that the
engine maps.
"""
