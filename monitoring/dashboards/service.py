"""The dashboard of the orchestrator."""

from __future__ import annotations

from monitoring.dashboards.model import Dashboard, Panel, Query

CIRCUIT_COLOURS = (
    {"color": "green", "value": None},
    {"color": "yellow", "value": 1},
    {"color": "red", "value": 2},
)

SERVICE = Dashboard(
    uid="voicehive-orchestrator",
    title="VoiceHive orchestrator",
    description="Calls, requests and vendors of the orchestrator. The rules in monitoring/prometheus/ must be loaded.",
    period="6h",
    panels=(
        Panel(
            "Calls in progress", "All processes together.", (Query("sum(call_active)"),), kind="stat", width=6
        ),
        Panel(
            "Degraded calls",
            "Share of the calls that ended with a warning, such as an unavailable vendor.",
            (Query("voicehive:call_degraded:ratio_rate15m"),),
            unit="percentunit",
            kind="stat",
            width=6,
        ),
        Panel(
            "Circuit breakers",
            "The worst circuit of each vendor: 0 closed, 1 half-open, 2 open.",
            (Query("max by (vendor) (circuit_breaker_state)", "{{vendor}}"),),
            kind="stat",
            thresholds=CIRCUIT_COLOURS,
        ),
        Panel("Ended calls", "By outcome.", (Query("outcome:call:rate15m", "{{outcome}}"),), unit="reqps"),
        Panel(
            "Interactions",
            "By type and outcome.",
            (Query("sum by (type, outcome) (rate(call_interaction_total[5m]))", "{{type}} {{outcome}}"),),
            unit="reqps",
        ),
        Panel(
            "Duration of calls",
            "Half of the calls, and 95 % of them, are shorter.",
            tuple(
                Query(
                    f"histogram_quantile({quantile}, sum by (le) (rate(call_duration_seconds_bucket[15m])))",
                    f"quantile {quantile}",
                )
                for quantile in (0.5, 0.95)
            ),
            unit="s",
        ),
        Panel("Requests", "By route.", (Query("route:http_requests:rate5m", "{{route}}"),), unit="reqps"),
        Panel(
            "Errors",
            "Share of the requests with a 5xx status, by route.",
            (Query("route:http_request_errors:ratio_rate5m", "{{route}}"),),
            unit="percentunit",
        ),
        Panel(
            "Duration of call events",
            "What a caller waits for.",
            tuple(
                Query(
                    f'route:http_request_duration_seconds:{name}_rate5m{{route="/webhook/call-event"}}', name
                )
                for name in ("p50", "p95", "p99")
            ),
            unit="s",
        ),
        Panel(
            "Requests to vendors",
            "By vendor.",
            (Query("vendor:vendor_requests:rate5m", "{{vendor}}"),),
            unit="reqps",
        ),
        Panel(
            "Failed requests to vendors",
            "Share by vendor; retries are part of a request.",
            (Query("vendor:vendor_request_failures:ratio_rate5m", "{{vendor}}"),),
            unit="percentunit",
        ),
        Panel(
            "Duration of requests to vendors",
            "95 % are shorter, retries included.",
            (Query("vendor:vendor_request_duration_seconds:p95_rate5m", "{{vendor}}"),),
            unit="s",
        ),
        Panel(
            "Circuit breakers by group of operations",
            "0 closed, 1 half-open, 2 open.",
            (Query("max by (vendor, group) (circuit_breaker_group_state)", "{{vendor}} {{group}}"),),
        ),
        Panel(
            "Reads of the PMS cache",
            "By outcome.",
            (Query("outcome:pms_cache_reads:rate5m", "{{outcome}}"),),
            unit="reqps",
        ),
        Panel(
            "Requests in progress and waiting",
            "The limits are in docs/limits.md.",
            (
                Query("sum(http_requests_in_progress)", "in progress"),
                Query("sum(http_requests_waiting)", "waiting"),
            ),
        ),
        Panel(
            "Rejections",
            "429 by route, backpressure by resource, and closed connections.",
            (
                Query("sum by (route) (rate(rate_limit_rejections_total[5m]))", "rate limit {{route}}"),
                Query(
                    "sum by (resource) (rate(backpressure_rejections_total[5m]))", "backpressure {{resource}}"
                ),
                Query("sum(rate(connection_rejections_total[5m]))", "connections"),
            ),
            unit="reqps",
        ),
        Panel(
            "Deliveries of alerts and lost log lines",
            "In the last 15 minutes.",
            (
                Query("sum by (channel, outcome) (increase(alerts_total[15m]))", "{{channel}} {{outcome}}"),
                Query("sum(increase(log_write_errors_total[15m]))", "lost log lines"),
            ),
        ),
        Panel(
            "Memory",
            "Resident memory by process.",
            (Query('process_resident_memory_bytes{job="voicehive-orchestrator"}', "{{instance}}"),),
            unit="bytes",
            width=8,
        ),
        Panel(
            "CPU",
            "Cores used by process.",
            (Query('rate(process_cpu_seconds_total{job="voicehive-orchestrator"}[5m])', "{{instance}}"),),
            width=8,
        ),
        Panel(
            "Firing alerts",
            "Alerts of monitoring/prometheus/alert_rules.yml.",
            (Query('sum by (alertname) (ALERTS{alertstate="firing"})', "{{alertname}}"),),
            width=8,
        ),
    ),
)
