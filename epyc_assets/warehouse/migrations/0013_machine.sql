-- The measured machine: its memory bandwidth. And what files tell about a sequence's memory.

CREATE TABLE host_bandwidth (
    host VARCHAR NOT NULL,
    host_name VARCHAR NOT NULL,
    cpu_model VARCHAR,
    threads INTEGER NOT NULL,
    repetitions INTEGER NOT NULL,
    read_bytes BIGINT NOT NULL,
    last_level_cache_bytes BIGINT,
    best_bytes_per_s DOUBLE NOT NULL,
    median_bytes_per_s DOUBLE NOT NULL,
    nominal_bytes_per_s DOUBLE,
    nominal_ratio DOUBLE,
    is_best BOOLEAN NOT NULL,
    kernel_ratio DOUBLE,
    other_cpu_ratio DOUBLE,
    contended BOOLEAN,
    launch_prefix VARCHAR NOT NULL,
    measured_at TIMESTAMP NOT NULL,
    dagster_run_id VARCHAR,
    code_version VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (host, threads)
);
COMMENT ON TABLE host_bandwidth IS 'One row is one number of threads with which a host''s memory was read: how many bytes per second came.';
COMMENT ON COLUMN host_bandwidth.host IS 'Host, by its name in the registry.';
COMMENT ON COLUMN host_bandwidth.host_name IS 'Name the machine gives itself.';
COMMENT ON COLUMN host_bandwidth.cpu_model IS 'CPU as the machine reports it.';
COMMENT ON COLUMN host_bandwidth.threads IS 'Threads that read at the same time, each an array of its own.';
COMMENT ON COLUMN host_bandwidth.repetitions IS 'Timed repetitions.';
COMMENT ON COLUMN host_bandwidth.read_bytes IS 'Bytes read in one pass by all threads together.';
COMMENT ON COLUMN host_bandwidth.last_level_cache_bytes IS 'Size of the machine''s last-level caches together; NULL where the kernel does not say.';
COMMENT ON COLUMN host_bandwidth.best_bytes_per_s IS 'Fastest repetition, bytes per second.';
COMMENT ON COLUMN host_bandwidth.median_bytes_per_s IS 'Median repetition, bytes per second.';
COMMENT ON COLUMN host_bandwidth.nominal_bytes_per_s IS 'Channels x transfers x 8 bytes, from the registry; NULL where it is not known.';
COMMENT ON COLUMN host_bandwidth.nominal_ratio IS 'best_bytes_per_s over the nominal figure.';
COMMENT ON COLUMN host_bandwidth.is_best IS 'Whether this number of threads was the fastest: the figure that rooflines are made from.';
COMMENT ON COLUMN host_bandwidth.kernel_ratio IS 'Speed of the same reading out of the cache over that out of memory; near 1 or below: the reading itself is the limit, not the memory.';
COMMENT ON COLUMN host_bandwidth.other_cpu_ratio IS 'CPU time used by other processes meanwhile, as a share of the machine.';
COMMENT ON COLUMN host_bandwidth.contended IS 'Whether other work on the machine may have slowed this down.';
COMMENT ON COLUMN host_bandwidth.launch_prefix IS 'Command words before the probe''s, such as numactl --interleave=all.';
COMMENT ON COLUMN host_bandwidth.measured_at IS 'When it was measured, UTC.';

ALTER TABLE gguf_files ADD COLUMN sliding_block_count INTEGER;
ALTER TABLE gguf_files ADD COLUMN recurrent_state_bytes BIGINT;
COMMENT ON COLUMN gguf_files.sliding_block_count IS 'Layers that attend to the sliding window only; NULL without one, or where nothing says which.';
COMMENT ON COLUMN gguf_files.recurrent_state_bytes IS 'State that recurrent layers keep of a sequence of any length; NULL without such layers.';
