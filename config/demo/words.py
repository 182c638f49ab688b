"""What happened, in the words of people who keep models running."""

# service → (severity, title, alert name)
TROUBLES: dict[str, list[tuple[str, str, str]]] = {
    "fraud-scorer": [
        ("SEV1", "Fraud scores fall back to the rule set for card-not-present", "FraudFallbackShareHigh"),
        ("SEV2", "p99 of fraud-scorer above 80 ms for ten minutes", "FraudLatencyP99"),
        ("SEV2", "merchant_risk_30d is null for a fifth of requests", "FeatureNullShare"),
        ("SEV3", "Score distribution shifted: PSI 0.27 on amount_log", "ScoreDriftPSI"),
        ("SEV4", "Shadow traffic of the next version stopped", "ShadowTrafficSilent"),
    ],
    "demand-forecast": [
        ("SEV1", "Nightly forecast not published before the order cut-off", "ForecastMissedCutoff"),
        ("SEV2", "Demand forecast late: store batch still running at 04:30", "ForecastLate"),
        ("SEV2", "Forecast run lost 60 stores after a schema change", "ForecastStoreCount"),
        ("SEV3", "WAPE of fresh produce up to 31 %", "ForecastWape"),
        ("SEV4", "Holiday regressor missing for one region", "RegressorMissing"),
    ],
    "feature-store": [
        ("SEV1", "Online feature store refuses reads in one zone", "FeatureReadErrors"),
        ("SEV2", "customer_spend_7d is hours stale in the online store", "FeatureStale"),
        ("SEV3", "Backfill of session features slower than ingest", "BackfillLag"),
        ("SEV4", "Two features without an owner after a rename", "FeatureOwnerless"),
    ],
    "doc-extract": [
        ("SEV2", "Extraction queue older than 40 minutes", "QueueAge"),
        ("SEV3", "Invoice totals: F1 down on a new supplier layout", "FieldF1Low"),
        ("SEV3", "OCR partner answers with 429 in bursts", "PartnerThrottles"),
        ("SEV4", "Confidence of IBAN field badly calibrated", "CalibrationError"),
    ],
    "label-join": [
        ("SEV3", "Chargeback labels late, accuracy unknown", "LabelDelay"),
        ("SEV4", "Label join dropped duplicates twice", "LabelDuplicates"),
    ],
    "kyc-match": [
        ("SEV1", "KYC match answers 503 at sign-up", "KycErrors"),
        ("SEV2", "False non-match rate up to 4 % on one phone family", "KycFnmr"),
        ("SEV3", "device_age drifts: PSI above 0.25", "InputDriftPSI"),
        ("SEV4", "Liveness thresholds differ between two regions", "ThresholdSkew"),
    ],
    "batch-orchestrator": [
        ("SEV2", "GPU pool full, scoring jobs wait over an hour", "GpuQueueWait"),
        ("SEV3", "Spot nodes reclaimed in the middle of training", "SpotReclaimed"),
        ("SEV4", "GPU quota above 90 %", "GpuQuota"),
    ],
    "churn-propensity": [
        ("SEV3", "Churn scores of Monday's campaign come late", "BatchLate"),
        ("SEV4", "Calibration of churn scores drifts on prepaid", "CalibrationError"),
    ],
    "reco-home": [
        ("SEV2", "Home tiles fall back to most popular", "RecoFallback"),
        ("SEV3", "Click-through of the first tile down a tenth", "CtrLow"),
        ("SEV4", "Embedding index one day old", "IndexAge"),
    ],
    "triage-ranker": [
        ("SEV3", "NDCG of letters below 0.8 on weekend mail", "NdcgLow"),
        ("SEV4", "Ranker logs without a version", "VersionMissing"),
    ],
    "claims-triage": [
        ("SEV2", "Review queue above four hours after a storm", "ReviewQueueAge"),
        ("SEV3", "Agreement of annotators down to 0.71", "AnnotatorKappa"),
        ("SEV4", "Gold questions used up", "GoldSetEmpty"),
    ],
    "price-elasticity": [
        ("SEV3", "Weekly elasticity run failed on sparse products", "BatchFailed"),
        ("SEV4", "Posterior did not converge for two categories", "Convergence"),
    ],
}
# How often each service is in trouble; the first two come back and back.
WEIGHTS = {
    "fraud-scorer": 19, "demand-forecast": 17, "feature-store": 11, "doc-extract": 10, "kyc-match": 9,
    "batch-orchestrator": 8, "reco-home": 7, "claims-triage": 5, "label-join": 5, "churn-propensity": 4,
    "triage-ranker": 3, "price-elasticity": 2,
}  # fmt: skip
SEVERITY_WEIGHTS = {"SEV1": 7, "SEV2": 16, "SEV3": 47, "SEV4": 33}

FINDINGS = [
    "Input looks fine at the gateway; the nulls appear after the feature join.",
    "Compared today's features with yesterday's: only the window aggregates differ.",
    "Pods restarted twice with OOM, the new tokenizer takes 2.1 GB.",
    "The upstream table was written at 03:52 instead of 02:10, the sensor timed out.",
    "Drift is real, not a bug: a new device family went on sale on Monday.",
    "Shadow scores of the previous version are normal, so it is the model and not the data.",
    "Kafka lag of 1.4 M on one partition, the consumer was stuck on a poison message.",
    "Calibration is off in the top decile only; ranking is untouched.",
    "Same pattern as last week: the materialisation job and the compaction overlap.",
    "Model registry points at the right version; the sidecar still has the old weights.",
]
STEPS = [
    "Rolled back to the previous champion, traffic at 100 %.",
    "Drained the slow node and warmed the cache by hand.",
    "Reran the failed partition with a larger executor.",
    "Switched the threshold to the documented fallback while we look.",
    "Doubled the consumers; lag is falling by 40 k a minute.",
    "Pinned the schema and replayed the batch from 02:00.",
]
CLIENT_NOTES = [
    "We see the problem and work on it. Answers may be less exact until we write again.",
    "The service answers normally again; we keep watching for an hour.",
]
ENDINGS = {
    "fixed": [
        "Cause removed and deployed.",
        "Query rewritten, ten times faster.",
        "Schema check added to the job.",
    ],
    "workaround": ["Fallback stays on until the next release.", "Weekly restart until the leak is found."],
    "self_healed": ["Load went down by itself.", "The partner's service came back."],
    "no_fault": ["Planned load test of the client.", "Alert threshold was too tight."],
    "duplicate": ["Same cause as the incident opened before."],
}
ENDING_WEIGHTS = {"fixed": 52, "workaround": 18, "self_healed": 17, "no_fault": 9, "duplicate": 4}
CANCELLED = ["Test alert of the client.", "Opened twice by hand.", "Maintenance that nobody had entered."]
HOLDS = [
    "Waits for the client's export",
    "Waits for the client to confirm the threshold",
    "Needs sample documents",
]
