terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
    # For what azurerm cannot do without harm: its Flex Consumption app (5.2.0) always sets a key-based
    # AzureWebJobsStorage, and its storage accounts and workspaces write their keys into the state.
    azapi = {
      source  = "Azure/azapi"
      version = "~> 2.12"
    }
    # For the minutes that a new role takes to work.
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }

  # Put your backend here if more than one person deploys; the state holds no secret, only names and IDs.
}

provider "azurerm" {
  features {
    # Azure puts rules of its own ("Failure Anomalies", "Smart Detection") beside Application Insights, which would keep
    # the group from being deleted. A group that was there before is never deleted.
    resource_group {
      prevent_deletion_if_contains_resources = false
    }

    # The vault's purge protection forbids purging; a vault that was deleted is brought back instead of made anew.
    key_vault {
      purge_soft_delete_on_destroy    = false
      recover_soft_deleted_key_vaults = true
    }
  }

  storage_use_azuread             = true
  resource_provider_registrations = "none"
  resource_providers_to_register = var.register_providers ? [
    "Microsoft.App", "Microsoft.EventGrid", "Microsoft.Insights", "Microsoft.KeyVault", "Microsoft.ManagedIdentity",
    "Microsoft.Network", "Microsoft.OperationalInsights", "Microsoft.Storage", "Microsoft.Web"
  ] : []
}

provider "azapi" {}
