-- One row is one speculative config whose answers really differ from what they should repeat, on some speed prompt.
SELECT DISTINCT model, config_id
FROM token_agreement
WHERE fleet = $fleet AND kind = 'real_change'
