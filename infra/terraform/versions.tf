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
  }

  # Put your backend here if more than one person deploys; the state holds no secret, only names and IDs.
}

provider "azurerm" {
  features {}

  storage_use_azuread             = true
  resource_provider_registrations = "none"
  resource_providers_to_register = [
    "Microsoft.App", "Microsoft.EventGrid", "Microsoft.Insights", "Microsoft.KeyVault", "Microsoft.ManagedIdentity",
    "Microsoft.Network", "Microsoft.OperationalInsights", "Microsoft.Storage", "Microsoft.Web"
  ]
}

provider "azapi" {}
