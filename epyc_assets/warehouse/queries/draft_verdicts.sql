-- One row is one pair of files that was compared: whether the draft's tokenizer fits the target's, and why.
SELECT target_sha256, draft_sha256, fits, reason
FROM draft_compatibility
WHERE fleet = $fleet
