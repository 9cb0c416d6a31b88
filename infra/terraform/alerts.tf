# Alerts and who gets them. Titles, texts and queries are shared with infra/bicep: infra/queries.

locals {
  action_group_id = var.existing_action_group_id == "" ? azurerm_monitor_action_group.people[0].id : var.existing_action_group_id
  alerts          = jsondecode(file("${path.module}/../queries/alerts.json"))
  parameters      = "let rejected_percent = ${var.rejected_percent};\nlet no_records_hours = ${var.no_records_hours};\n"
}

resource "azurerm_monitor_action_group" "people" {
  count = var.existing_action_group_id == "" ? 1 : 0

  name                = local.names.action_group
  resource_group_name = local.group
  short_name          = "gatepost"
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = var.alert_email == "" ? [] : [var.alert_email]

    content {
      name                    = "operators"
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "log_alerts" {
  for_each = { for alert in local.alerts.log : alert.name => alert }

  name                      = "alert-gatepost-${each.key}-${local.token}"
  resource_group_name       = local.group
  location                  = var.location
  display_name              = "Gatepost: ${each.value.title}"
  description               = each.value.text
  enabled                   = each.key == "daily-notice" ? var.daily_notice : each.key != "no-records-sent" || var.no_records_hours > 0
  severity                  = each.value.severity
  scopes                    = [azurerm_application_insights.main.id]
  evaluation_frequency      = each.value.frequency
  window_duration           = each.value.frequency
  query_time_range_override = each.value.lookback
  auto_mitigation_enabled   = try(each.value.autoMitigate, true)
  skip_query_validation     = true # the tables may be empty until the first export
  tags                      = local.tags

  criteria {
    query                   = "${local.parameters}${file("${path.module}/../queries/alerts/${each.key}.kql")}"
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = 0

    dynamic "dimension" {
      for_each = each.value.dimensions

      content {
        name     = dimension.value
        operator = "Include"
        values   = ["*"]
      }
    }

    failing_periods {
      number_of_evaluation_periods             = 1
      minimum_failing_periods_to_trigger_alert = 1
    }
  }

  action {
    action_groups = [local.action_group_id]
  }
}

resource "azurerm_monitor_metric_alert" "metric_alerts" {
  for_each = { for alert in local.alerts.metric : alert.name => alert }

  name                = "alert-gatepost-${each.key}-${local.token}"
  resource_group_name = local.group
  scopes              = [local.topic_id]
  description         = each.value.text
  severity            = each.value.severity
  frequency           = each.value.frequency
  window_size         = each.value.window
  auto_mitigate       = true
  tags                = local.tags

  criteria {
    metric_namespace       = "Microsoft.EventGrid/systemTopics"
    metric_name            = each.value.metric
    aggregation            = "Total"
    operator               = "GreaterThan"
    threshold              = try(each.value.threshold, 0)
    skip_metric_validation = true

    dimension {
      name     = "EventSubscriptionName"
      operator = "Include"
      values   = [local.event_subscription_name]
    }
  }

  action {
    action_group_id = local.action_group_id
  }
}
