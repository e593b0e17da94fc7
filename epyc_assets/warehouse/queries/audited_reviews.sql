-- One row is one judgment of the record, for the label audit.
SELECT
    review_id,
    judge,
    suite,
    question_id,
    passed,
    reason,
    list_contains(quality_flags, 'unverified_reason') AS is_unverified
FROM all_reviews
WHERE NOT inherited
ORDER BY review_id
