-- One row is the memory bandwidth of a host with the number of threads that read fastest; none before it was measured.
SELECT *
FROM host_bandwidth
WHERE
    host = $host
    AND is_best
