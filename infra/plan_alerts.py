"""azurerm's event subscription, alerts and diagnostic settings as Azure is asked for them."""

from infra.plan_values import Resource, Values, first, placed


def event_subscription(values: Values) -> Resource:
    """Which events go where, and where to with what cannot be delivered."""
    queue, bin_ = (
        first(values, "storage_queue_endpoint"),
        first(values, "storage_blob_dead_letter_destination"),
    )
    retry, wanted = first(values, "retry_policy"), first(values, "advanced_filter")["string_in"]
    return {
        "properties": {
            "eventDeliverySchema": values["event_delivery_schema"],
            "deliveryWithResourceIdentity": {
                "identity": {"type": first(values, "delivery_identity")["type"]},
                "destination": {
                    "properties": {
                        "resourceId": queue["storage_account_id"],
                        "queueName": queue["queue_name"],
                        "queueMessageTimeToLiveInSeconds": queue["queue_message_time_to_live_in_seconds"],
                    }
                },
            },
            "deadLetterWithResourceIdentity": {
                "identity": {"type": first(values, "dead_letter_identity")["type"]},
                "deadLetterDestination": {
                    "properties": {
                        "resourceId": bin_["storage_account_id"],
                        "blobContainerName": bin_["storage_blob_container_name"],
                    }
                },
            },
            "filter": {
                "includedEventTypes": values["included_event_types"],
                "subjectBeginsWith": first(values, "subject_filter")["subject_begins_with"],
                "enableAdvancedFilteringOnArrays": values["advanced_filtering_on_arrays_enabled"],
                "advancedFilters": [
                    {"operatorType": "StringIn", "key": one["key"], "values": one["values"]} for one in wanted
                ],
            },
            "retryPolicy": {
                "maxDeliveryAttempts": retry["max_delivery_attempts"],
                "eventTimeToLiveInMinutes": retry["event_time_to_live"],
            },
        }
    }


def action_group(values: Values) -> Resource:
    """Who is told."""
    people = [
        {
            "name": one["name"],
            "emailAddress": one["email_address"],
            "useCommonAlertSchema": one["use_common_alert_schema"],
        }
        for one in values["email_receiver"] or []
    ]
    return {
        "tags": values["tags"],
        "properties": {"groupShortName": values["short_name"], "emailReceivers": people},
    }


def diagnostics(values: Values) -> Resource:
    """What is logged."""
    kinds = {"category": "category", "category_group": "categoryGroup"}
    logs = [{kinds[key]: one[key] for key in kinds} | {"enabled": True} for one in values["enabled_log"]]
    return {"properties": {"workspaceId": values["log_analytics_workspace_id"], "logs": logs}}


def _dimensions(criterion: Values) -> list[Values]:
    return [{key: one[key] for key in ("name", "operator", "values")} for one in criterion["dimension"]]


def metric_alert(values: Values) -> Resource:
    """An alert on a metric."""
    one = first(values, "criteria")
    criterion = {
        "metricNamespace": one["metric_namespace"],
        "metricName": one["metric_name"],
        "timeAggregation": one["aggregation"],
        "operator": one["operator"],
        "threshold": one["threshold"],
        "skipMetricValidation": one["skip_metric_validation"],
        "dimensions": _dimensions(one),
    }
    return {
        "tags": values["tags"],
        "properties": {
            "description": values["description"],
            "severity": values["severity"],
            "scopes": values["scopes"],
            "evaluationFrequency": values["frequency"],
            "windowSize": values["window_size"],
            "autoMitigate": values["auto_mitigate"],
            "criteria": {"allOf": [criterion]},
            "actions": [{"actionGroupId": action["action_group_id"]} for action in values["action"]],
        },
    }


def log_alert(values: Values) -> Resource:
    """An alert on a query."""
    one = first(values, "criteria")
    failing = first(one, "failing_periods")
    criterion = {
        "query": one["query"],
        "timeAggregation": one["time_aggregation_method"],
        "operator": one["operator"],
        "threshold": one["threshold"],
        "dimensions": _dimensions(one),
        "failingPeriods": {
            "numberOfEvaluationPeriods": failing["number_of_evaluation_periods"],
            "minFailingPeriodsToAlert": failing["minimum_failing_periods_to_trigger_alert"],
        },
    }
    return placed(
        values,
        displayName=values["display_name"],
        description=values["description"],
        enabled=values["enabled"],
        severity=values["severity"],
        scopes=values["scopes"],
        evaluationFrequency=values["evaluation_frequency"],
        windowSize=values["window_duration"],
        overrideQueryTimeRange=values["query_time_range_override"],
        autoMitigate=values["auto_mitigation_enabled"],
        skipQueryValidation=values["skip_query_validation"],
        criteria={"allOf": [criterion]},
        actions={"actionGroups": first(values, "action")["action_groups"]},
    )
