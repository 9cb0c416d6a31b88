# --- where and what ---------------------------------------------------------------------------------------------------

variable "environment_name" {
  description = "Name of the environment: a part of the resource group's name and of the token in all other names."
  type        = string

  validation {
    condition     = length(var.environment_name) >= 1 && length(var.environment_name) <= 20
    error_message = "environment_name has 1 to 20 characters."
  }

  validation {
    condition     = can(regex("^[a-z0-9-]*$", var.environment_name))
    error_message = "environment_name: use lower-case letters, digits and hyphens only."
  }
}

variable "location" {
  description = "Region of all resources; must offer Flex Consumption with Python 3.13."
  type        = string
}

variable "connector_tenant_id" {
  description = "GUID of the tenant the connector belongs to."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.connector_tenant_id))
    error_message = "connector_tenant_id is a GUID."
  }
}

variable "connector_app_id" {
  description = "GUID of the app registration (its application or client ID) that the connector was created with."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.connector_app_id))
    error_message = "connector_app_id is a GUID."
  }
}

variable "connector_job_id" {
  description = "GUID of the connector's job, copied from its page in the Purview portal."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.connector_job_id))
    error_message = "connector_job_id is a GUID."
  }
}

variable "connector_cloud" {
  description = "Microsoft cloud the connector runs in."
  type        = string
  default     = "commercial"

  validation {
    condition     = contains(["commercial", "gcc", "gcc-high", "dod"], var.connector_cloud)
    error_message = "connector_cloud is one of: commercial, gcc, gcc-high, dod."
  }
}

variable "connector_url" {
  description = "Address to use instead of the cloud's connector; empty for the cloud's."
  type        = string
  default     = ""
}

variable "connector_scope" {
  description = "Audience to use instead of the connector's, ending in /.default; empty for the connector's."
  type        = string
  default     = ""
}

variable "entra_authority" {
  description = "Entra ID authority to use instead of the cloud's; empty for the cloud's."
  type        = string
  default     = ""
}

variable "connector_credential" {
  description = "How the app registration proves itself: a client secret or a certificate in the vault, or the app's managed identity as federated credential, which needs no vault."
  type        = string
  default     = "secret"

  validation {
    condition     = contains(["secret", "certificate", "federated"], var.connector_credential)
    error_message = "connector_credential is one of: secret, certificate, federated."
  }
}

variable "app_secret_name" {
  description = "Name, not value, of the secret in the vault that holds the app registration's client secret."
  type        = string
  default     = "badging-app-secret"

  validation {
    condition     = length(var.app_secret_name) >= 1 && length(var.app_secret_name) <= 127
    error_message = "app_secret_name has 1 to 127 characters."
  }
}

variable "app_certificate_name" {
  description = "Name of the certificate in the vault; read only if connector_credential is certificate."
  type        = string
  default     = "badging-app-certificate"

  validation {
    condition     = length(var.app_certificate_name) >= 1 && length(var.app_certificate_name) <= 127
    error_message = "app_certificate_name has 1 to 127 characters."
  }
}

variable "federated_audience" {
  description = "Audience of the identity's token if connector_credential is federated; empty for the cloud's."
  type        = string
  default     = ""
}

# --- how it works -----------------------------------------------------------------------------------------------------

variable "connector_sending" {
  description = "off: everything is done but the requests to the connector; exports wait until it is on again."
  type        = string
  default     = "on"

  validation {
    condition     = contains(["on", "off"], var.connector_sending)
    error_message = "connector_sending is one of: on, off."
  }
}

variable "upload_schedule" {
  description = "When the daily sweep runs: six-field NCRONTAB, in UTC."
  type        = string
  default     = "0 30 5 * * *"
}

variable "report_zone" {
  description = "Time zone of \"yesterday\" in report and workbook: an IANA name."
  type        = string
  default     = "UTC"
}

variable "events_not_before" {
  description = "Ignore events earlier than this: a time with an offset, such as 2026-11-22T00:00:00+01:00; empty for none."
  type        = string
  default     = ""
}

variable "batch_max_records" {
  description = "Most records in one request."
  type        = number
  default     = 5000

  validation {
    condition     = var.batch_max_records >= 1 && var.batch_max_records <= 50000 && floor(var.batch_max_records) == var.batch_max_records
    error_message = "batch_max_records is a whole number from 1 to 50000."
  }
}

variable "batch_max_bytes" {
  description = "Most bytes in one request."
  type        = number
  default     = 10000000

  validation {
    condition     = var.batch_max_bytes >= 1000 && var.batch_max_bytes <= 50000000 && floor(var.batch_max_bytes) == var.batch_max_bytes
    error_message = "batch_max_bytes is a whole number from 1000 to 50000000."
  }
}

variable "connector_parallel_requests" {
  description = "Requests of one export that may be on their way at the same time."
  type        = number
  default     = 1

  validation {
    condition     = var.connector_parallel_requests >= 1 && var.connector_parallel_requests <= 8 && floor(var.connector_parallel_requests) == var.connector_parallel_requests
    error_message = "connector_parallel_requests is a whole number from 1 to 8."
  }
}

variable "connector_timeout_seconds" {
  description = "How long to wait for the connector's reply, in seconds; with invocation_seconds at most 2300."
  type        = number
  default     = 400

  validation {
    condition     = var.connector_timeout_seconds >= 1 && var.connector_timeout_seconds <= 2000 && floor(var.connector_timeout_seconds) == var.connector_timeout_seconds
    error_message = "connector_timeout_seconds is a whole number from 1 to 2000."
  }
}

variable "retry_max_seconds" {
  description = "How long to retry within one invocation, in seconds."
  type        = number
  default     = 300

  validation {
    condition     = var.retry_max_seconds >= 0 && var.retry_max_seconds <= 3600 && floor(var.retry_max_seconds) == var.retry_max_seconds
    error_message = "retry_max_seconds is a whole number from 0 to 3600."
  }
}

variable "invocation_seconds" {
  description = "After this many seconds an invocation begins no new request."
  type        = number
  default     = 1500

  validation {
    condition     = var.invocation_seconds >= 300 && var.invocation_seconds <= 2100 && floor(var.invocation_seconds) == var.invocation_seconds
    error_message = "invocation_seconds is a whole number from 300 to 2100."
  }

  validation {
    condition     = var.invocation_seconds + var.connector_timeout_seconds <= 2300
    error_message = "invocation_seconds and connector_timeout_seconds together are at most 2300, or the host ends an invocation that still waits."
  }
}

variable "retry_days" {
  description = "How long an export that fails is tried again, in days."
  type        = number
  default     = 60

  validation {
    condition     = var.retry_days >= 1 && var.retry_days <= 390 && floor(var.retry_days) == var.retry_days
    error_message = "retry_days is a whole number from 1 to 390."
  }
}

variable "repeat_days" {
  description = "How long an event that was sent is not sent again, in days."
  type        = number
  default     = 35

  validation {
    condition     = var.repeat_days >= 1 && var.repeat_days <= 400 && floor(var.repeat_days) == var.repeat_days
    error_message = "repeat_days is a whole number from 1 to 400."
  }
}

variable "remap_days" {
  description = "How long rejected records of a source are tried again when its mapping changes, in days; 0 for never."
  type        = number
  default     = 14

  validation {
    condition     = var.remap_days >= 0 && var.remap_days <= 390 && floor(var.remap_days) == var.remap_days
    error_message = "remap_days is a whole number from 0 to 390."
  }
}

variable "max_invalid_percent" {
  description = "Above this share of invalid records, in percent, an export is rejected whole."
  type        = number
  default     = 50

  validation {
    condition     = var.max_invalid_percent >= 0 && var.max_invalid_percent <= 100 && floor(var.max_invalid_percent) == var.max_invalid_percent
    error_message = "max_invalid_percent is a whole number from 0 to 100."
  }
}

variable "max_export_bytes" {
  description = "Largest export, packed or unpacked, in bytes."
  type        = number
  default     = 500000000

  validation {
    condition     = var.max_export_bytes >= 1 && var.max_export_bytes <= 5000000000 && floor(var.max_export_bytes) == var.max_export_bytes
    error_message = "max_export_bytes is a whole number from 1 to 5000000000."
  }
}

variable "people_from_entra" {
  description = "The sweep refreshes the people file from Entra ID; the app may then write the sources container."
  type        = bool
  default     = false
}

variable "maximum_instances" {
  description = "Most instances of each function. One is enough, since exports of a job go one after another; if the region refuses it, take 40."
  type        = number
  default     = 1

  validation {
    condition     = var.maximum_instances >= 1 && var.maximum_instances <= 1000 && floor(var.maximum_instances) == var.maximum_instances
    error_message = "maximum_instances is a whole number from 1 to 1000."
  }
}

# --- how long things are kept -----------------------------------------------------------------------------------------

variable "export_retention_days" {
  description = "Days until an export is deleted; at least 7 more than the larger of retry_days and remap_days."
  type        = number
  default     = 90

  validation {
    condition     = var.export_retention_days >= 8 && var.export_retention_days <= 3650 && floor(var.export_retention_days) == var.export_retention_days
    error_message = "export_retention_days is a whole number from 8 to 3650."
  }

  validation {
    condition     = var.export_retention_days >= max(var.retry_days, var.remap_days) + 7
    error_message = "export_retention_days is at least 7 more than the larger of retry_days and remap_days."
  }
}

variable "outcome_retention_days" {
  description = "Days until outcomes and ledgers are deleted; at least 30 more than export_retention_days. A ledger that is gone no longer stops a repeat."
  type        = number
  default     = 400

  validation {
    condition     = var.outcome_retention_days >= 38 && var.outcome_retention_days <= 3650 && floor(var.outcome_retention_days) == var.outcome_retention_days
    error_message = "outcome_retention_days is a whole number from 38 to 3650."
  }

  validation {
    condition     = var.outcome_retention_days >= var.export_retention_days + 30
    error_message = "outcome_retention_days is at least 30 more than export_retention_days."
  }
}

variable "log_retention_days" {
  description = "Days that logs and metrics are kept; of no effect on an existing workspace."
  type        = number
  default     = 90

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "log_retention_days is a whole number from 30 to 730."
  }
}

variable "log_daily_cap_gb" {
  description = "Most gigabytes of logs a day, then logs (and with them alerts) stop until the next day; 0 for no limit. Of no effect on an existing workspace."
  type        = number
  default     = 0

  validation {
    condition     = var.log_daily_cap_gb >= 0 && var.log_daily_cap_gb <= 1000 && floor(var.log_daily_cap_gb) == var.log_daily_cap_gb
    error_message = "log_daily_cap_gb is a whole number from 0 to 1000."
  }
}

# --- who is told, and who may do what ---------------------------------------------------------------------------------

variable "alert_email" {
  description = "Address that alerts are mailed to; empty for none."
  type        = string
  default     = ""
}

variable "existing_action_group_id" {
  description = "Resource ID of an action group that alerts go to instead; empty to make one with alert_email."
  type        = string
  default     = ""
}

variable "rejected_percent" {
  description = "Alert above this share of rejected and refused records over a day, in percent."
  type        = number
  default     = 5

  validation {
    condition     = var.rejected_percent >= 0 && var.rejected_percent <= 100 && floor(var.rejected_percent) == var.rejected_percent
    error_message = "rejected_percent is a whole number from 0 to 100."
  }
}

variable "no_records_hours" {
  description = "Alert when no record was sent for this many hours; 0 switches the alert off."
  type        = number
  default     = 26

  validation {
    condition     = var.no_records_hours >= 0 && var.no_records_hours <= 744 && floor(var.no_records_hours) == var.no_records_hours
    error_message = "no_records_hours is a whole number from 0 to 744."
  }
}

variable "daily_notice" {
  description = "Sends one sentence a day on whether yesterday is complete, to those who get alerts."
  type        = bool
  default     = false
}

variable "exporter_object_id" {
  description = "Object ID of the badging system's identity: may create and write exports, not read them; empty for none."
  type        = string
  default     = ""
}

variable "readers_object_id" {
  description = "Object ID of a person or group that may read outcomes and rejected records; empty for none."
  type        = string
  default     = ""
}

variable "operators_object_id" {
  description = "Object ID of a person or group that looks after all of it: uploads, reads and restores exports, describes sources, asks for another attempt, empties the poison queue, sets the secret without reading it; empty for none."
  type        = string
  default     = ""
}

# --- the data account and the network ---------------------------------------------------------------------------------

variable "storage_sku" {
  description = "Redundancy of the data account."
  type        = string
  default     = "Standard_ZRS"

  validation {
    condition     = contains(["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS"], var.storage_sku)
    error_message = "storage_sku is one of: Standard_LRS, Standard_ZRS, Standard_GRS, Standard_GZRS."
  }
}

variable "zone_redundant" {
  description = "Spreads the plan and the host's account over zones, where the region has them; costs always-ready instances."
  type        = bool
  default     = false
}

variable "infrastructure_encryption" {
  description = "Encrypts both storage accounts a second time, below the service. Only for new accounts: it cannot be switched later."
  type        = bool
  default     = false
}

variable "sftp_enabled" {
  description = "Lets exports arrive by SFTP. Only for a new data account; such an account keeps no blob versions."
  type        = bool
  default     = false
}

variable "sftp_public_key" {
  description = "Public key of the SFTP user \"exporter\", as it stands in an .pub file; empty for no user."
  type        = string
  default     = ""
}

variable "locked" {
  description = "Locks data account and vault against deletion. Take the locks away before removing anything."
  type        = bool
  default     = false
}

variable "data_public_network_access" {
  description = "Public access to the data account. Event Grid delivers as a trusted service; whether it still does when this is not Enabled, only a trial tells."
  type        = string
  default     = "Enabled"

  validation {
    condition     = contains(["Enabled", "Disabled", "SecuredByPerimeter"], var.data_public_network_access)
    error_message = "data_public_network_access is one of: Enabled, Disabled, SecuredByPerimeter."
  }
}

variable "app_public_network_access" {
  description = "Public access to the function app, which has no function to call: deployments come in there. Disabled needs private_networking, and a deployment from inside the network."
  type        = string
  default     = "Enabled"

  validation {
    condition     = contains(["Enabled", "Disabled"], var.app_public_network_access)
    error_message = "app_public_network_access is one of: Enabled, Disabled."
  }

  validation {
    condition     = var.app_public_network_access == "Enabled" || var.private_networking
    error_message = "app_public_network_access Disabled needs private_networking: nothing could be deployed otherwise."
  }
}

variable "private_networking" {
  description = "Private endpoints for storage and vault, no public access to them, and outgoing traffic through a network."
  type        = bool
  default     = false
}

variable "allowed_ip_addresses" {
  description = "Public IPv4 addresses (without /32) or ranges, comma-separated, that still reach the data account and the vault when private_networking is on."
  type        = string
  default     = ""
}

variable "network_address_prefix" {
  description = "Address range of the network that private_networking makes, /24 or larger."
  type        = string
  default     = "10.31.0.0/24"
}

# --- what is there already --------------------------------------------------------------------------------------------

variable "existing_resource_group_name" {
  description = "Name of a resource group that is there already; empty to make one. Bicep has an entry of its own for this: resource-group.bicep."
  type        = string
  default     = ""
}

variable "register_providers" {
  description = "Registers the resource providers that are needed; false for people who may not, where someone else has done it."
  type        = bool
  default     = true
}

variable "existing_app_subnet_id" {
  description = "Resource ID of a subnet, delegated to Microsoft.App/environments, for the app's outgoing traffic; empty to make a network. Goes with existing_endpoints_subnet_id."
  type        = string
  default     = ""

  validation {
    condition     = (var.existing_app_subnet_id == "") == (var.existing_endpoints_subnet_id == "")
    error_message = "existing_app_subnet_id and existing_endpoints_subnet_id go together: give both or none."
  }
}

variable "existing_endpoints_subnet_id" {
  description = "Resource ID of a subnet for private endpoints; empty to make a network. Goes with existing_app_subnet_id."
  type        = string
  default     = ""
}

variable "existing_dns_zones_group_id" {
  description = "Resource ID of the resource group that holds the private DNS zones; empty to make zones."
  type        = string
  default     = ""
}

variable "private_dns_records" {
  description = "false where a policy of your organisation writes the DNS records of private endpoints: neither zones nor records are made."
  type        = bool
  default     = true
}

variable "existing_workspace_id" {
  description = "Resource ID of a Log Analytics workspace to use; empty to make one."
  type        = string
  default     = ""
}

variable "existing_vault_id" {
  description = "Resource ID of a Key Vault to use, in RBAC mode; empty to make one."
  type        = string
  default     = ""
}

variable "existing_system_topic_name" {
  description = "Name of the system topic the data account has already, in the same resource group, with a system-assigned identity; empty to make one."
  type        = string
  default     = ""
}

# --- your conventions -------------------------------------------------------------------------------------------------

variable "tags" {
  description = "Tags on every resource, beside azd's own."
  type        = map(string)
  default     = {}
}

variable "names" {
  description = "Names to use instead of the made-up ones; an empty object for none."
  type = object({
    resource_group         = optional(string)
    identity               = optional(string)
    workspace              = optional(string)
    application_insights   = optional(string)
    data_account           = optional(string)
    host_account           = optional(string)
    vault                  = optional(string)
    system_topic           = optional(string)
    plan                   = optional(string)
    app                    = optional(string)
    action_group           = optional(string)
    virtual_network        = optional(string)
    nat_gateway            = optional(string)
    public_ip_address      = optional(string)
    network_security_group = optional(string)
  })
  default = {}
}
