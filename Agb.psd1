@{
    RootModule             = 'bin/Agb.PowerShell.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = 'b0a7c9c1-62f4-4a57-9c6e-0d4a3f1f7a52'
    Author                 = 'the Agb authors'
    CompanyName            = 'Agb'
    Copyright              = 'Copyright (c) 2026 the Agb authors. MIT License.'
    Description            = 'Sessions, persistent contexts and mapped persistence for agents: sandboxes and a versioned context store on this Linux machine, on a server or in the AGB cloud, as cmdlets whose objects pipe into each other.'
    PowerShellVersion      = '7.6'
    CompatiblePSEditions   = @('Core')
    # First, because the types name its methods.
    RequiredAssemblies     = @('bin/Agb.PowerShell.dll')
    TypesToProcess         = @('bin/Agb.Types.ps1xml')
    FormatsToProcess       = @('bin/Agb.Format.ps1xml')
    CmdletsToExport        = @(
        'Clear-AgbContext'
        'Close-AgbBrowserPage'
        'Compare-AgbContext'
        'Connect-Agb'
        'Copy-AgbItem'
        'Copy-AgbSession'
        'Dismount-AgbContext'
        'Enter-AgbSession'
        'Get-AgbApp'
        'Get-AgbBrowser'
        'Get-AgbBrowserPage'
        'Get-AgbContext'
        'Get-AgbContextFile'
        'Get-AgbContextVersion'
        'Get-AgbImage'
        'Get-AgbMount'
        'Get-AgbServer'
        'Get-AgbServerKey'
        'Get-AgbSession'
        'Get-AgbSyncStatus'
        'Get-AgbWindow'
        'Invoke-AgbBrowserScript'
        'Invoke-AgbCode'
        'Invoke-AgbCommand'
        'Mount-AgbContext'
        'New-AgbContext'
        'New-AgbContextSync'
        'New-AgbServerKey'
        'New-AgbSession'
        'New-AgbSyncPolicy'
        'Open-AgbBrowserPage'
        'Receive-AgbContextFile'
        'Remove-AgbContext'
        'Remove-AgbContextFile'
        'Remove-AgbServerKey'
        'Remove-AgbSession'
        'Rename-AgbContext'
        'Restore-AgbContext'
        'Resume-AgbSession'
        'Save-AgbScreenshot'
        'Send-AgbContextFile'
        'Send-AgbKey'
        'Send-AgbMouse'
        'Set-AgbSession'
        'Set-AgbWindow'
        'Start-AgbApp'
        'Start-AgbBrowser'
        'Start-AgbServer'
        'Stop-AgbApp'
        'Stop-AgbBrowser'
        'Stop-AgbServer'
        'Suspend-AgbSession'
        'Switch-AgbContext'
        'Sync-AgbContext'
        'Test-AgbHost'
        'Use-AgbSession'
        'Wait-AgbSession'
        'Wait-AgbSync'
    )
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @('PSEdition_Core', 'Linux', 'Windows', 'MacOS', 'Sandbox', 'Session', 'Agents', 'Persistence', 'Storage')
            ReleaseNotes = '0.1.0: contexts, sessions, mapped persistence, commands and syncs on this machine. All changes: CHANGELOG.md in the module''s folder.'
        }
    }
}
