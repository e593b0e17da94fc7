-- What every other table stands on: the log of writes, the records that could not be read, and shared macros.

CREATE TABLE warehouse_writes (
    write_number BIGINT PRIMARY KEY,
    reason VARCHAR NOT NULL,
    process_id INTEGER NOT NULL,
    host_name VARCHAR NOT NULL,
    command VARCHAR NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR,
    written_at TIMESTAMP NOT NULL
);

COMMENT ON TABLE warehouse_writes IS 'One row per committed write to the warehouse: who wrote, when and why. The highest number in a snapshot says how recent the snapshot is.';
COMMENT ON COLUMN warehouse_writes.write_number IS 'Counts up by one with every committed write.';
COMMENT ON COLUMN warehouse_writes.reason IS 'What the write was for, in the words of the code that asked for it.';
COMMENT ON COLUMN warehouse_writes.process_id IS 'Process that wrote.';
COMMENT ON COLUMN warehouse_writes.host_name IS 'Machine the process ran on.';
COMMENT ON COLUMN warehouse_writes.command IS 'Command line of the process, cut at 300 characters.';
COMMENT ON COLUMN warehouse_writes.dagster_run_id IS 'Dagster run that wrote; NULL for a write outside a run.';
COMMENT ON COLUMN warehouse_writes.code_version IS 'Version of the code that wrote; NULL when the writer gave none.';
COMMENT ON COLUMN warehouse_writes.written_at IS 'When the write was committed (UTC).';

CREATE TABLE rejects (
    reject_id VARCHAR PRIMARY KEY,
    source VARCHAR NOT NULL,
    location VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);

COMMENT ON TABLE rejects IS 'One row per record that could not be read or did not make sense. Nothing is dropped silently: it is either a row of its table or a row here.';
COMMENT ON COLUMN rejects.reject_id IS 'Hash of source, location, reason and the whole raw text, so that the same fault met again is the same row.';
COMMENT ON COLUMN rejects.source IS 'File or feed the record came from.';
COMMENT ON COLUMN rejects.location IS 'Place in the source: line, row, key path or byte offset.';
COMMENT ON COLUMN rejects.reason IS 'What is wrong with it, in a sentence.';
COMMENT ON COLUMN rejects.raw_text IS 'The record as it was found. Longer texts are cut, and then end in a note of how much was cut.';
COMMENT ON COLUMN rejects.first_seen_at IS 'When this fault was first met (UTC).';
COMMENT ON COLUMN rejects.dagster_run_id IS 'Dagster run that met it last.';
COMMENT ON COLUMN rejects.code_version IS 'Version of the code that met it last.';
COMMENT ON COLUMN rejects.written_at IS 'When it was met last (UTC).';

-- Wilson score interval for a proportion, 95 % (z = 1.959963984540054), without continuity correction:
-- E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
-- Journal of the American Statistical Association 22 (1927), 209-212.
CREATE MACRO wilson_low(passes, total) AS
    CASE WHEN total > 0 AND passes >= 0 AND passes <= total THEN
        CASE WHEN passes = 0 THEN 0.0::DOUBLE ELSE
            (passes::DOUBLE / total + 3.8414588206941227 / (2 * total)
                - 1.959963984540054 * sqrt(
                    (passes::DOUBLE / total) * (1 - passes::DOUBLE / total) / total
                    + 3.8414588206941227 / (4 * total::DOUBLE * total)))
            / (1 + 3.8414588206941227 / total)
        END
    END;

CREATE MACRO wilson_high(passes, total) AS
    CASE WHEN total > 0 AND passes >= 0 AND passes <= total THEN
        CASE WHEN passes = total THEN 1.0::DOUBLE ELSE
            (passes::DOUBLE / total + 3.8414588206941227 / (2 * total)
                + 1.959963984540054 * sqrt(
                    (passes::DOUBLE / total) * (1 - passes::DOUBLE / total) / total
                    + 3.8414588206941227 / (4 * total::DOUBLE * total)))
            / (1 + 3.8414588206941227 / total)
        END
    END;

COMMENT ON MACRO wilson_low IS 'Lower end of the 95 % Wilson score interval of passes out of total, 0..1 (Wilson 1927). NULL when total is 0 or the counts make no sense.';
COMMENT ON MACRO wilson_high IS 'Upper end of the 95 % Wilson score interval of passes out of total, 0..1 (Wilson 1927). NULL when total is 0 or the counts make no sense.';
