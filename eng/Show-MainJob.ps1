<#
.SYNOPSIS
    Prepares this host, runs the main job on it and shows each step and its time. Ends with an error if the data did not
    arrive.
.DESCRIPTION
    A browser session writes a file under /tmp/mapping; a code session reads it under /home/data. Works in a
    temporary directory, so that it leaves nothing in the user's store.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Show-Step([string] $Line, [scriptblock] $Action) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $result = & $Action
    '{0,9}  {1}' -f [Agb.PowerShell.Units]::Duration($watch.Elapsed), $Line | Out-Host
    $result
}

# Installs missing requirements of sessions; where that is not allowed, prints the commands to run.
function Initialize-Host([string] $HomeDirectory) {
    $missing = { Test-AgbHost -HomeDirectory $HomeDirectory | Where-Object Status -EQ Missing }
    if (& $missing) {
        # A method, not a script block: the package manager's lines come on a thread without PowerShell.
        $setup = [Agb.PowerShell.HostSetup]::InstallAsync([Action[string]] [Console]::WriteLine, [Threading.CancellationToken]::None)
        $setup.GetAwaiter().GetResult() | Out-Host
    }
    $left = @(& $missing)
    if ($left) {
        $left | Format-List | Out-Host
        throw "This host can't run sessions yet: $($left.Name -join ', ') missing; see the remedies above."
    }
}

Import-Module ([IO.Path]::GetFullPath("$PSScriptRoot/../Agb.psd1"))
$content = 'made in the first session'
$connection = Connect-Agb -HomeDirectory ([IO.Directory]::CreateTempSubdirectory('agb-demo-').FullName)
try {
    Show-Step 'Test-AgbHost' {
        Initialize-Host $connection.HomeDirectory
    }
    $ctx = Show-Step 'New-AgbContext cross-platform-demo' {
        New-AgbContext cross-platform-demo -Connection $connection
    }
    $s1 = Show-Step 'New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping' {
        $ctx | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
    }
    $null = Show-Step "Invoke-AgbCommand 'echo `"$content`" > /tmp/mapping/test-file.txt'" {
        $s1 | Invoke-AgbCommand "echo `"$content`" > /tmp/mapping/test-file.txt" -ErrorOnNonZeroExit
    }
    $status = Show-Step 'Sync-AgbContext' {
        $s1 | Sync-AgbContext
    }
    Show-Step 'Remove-AgbSession' {
        $s1 | Remove-AgbSession
    }
    $s2 = Show-Step 'New-AgbSession -ImageId agb-code-space-1 -Path /home/data -MappingPath /tmp/mapping' {
        $ctx | New-AgbSession -ImageId agb-code-space-1 -Path /home/data -SyncPolicy (New-AgbSyncPolicy -MappingPath /tmp/mapping)
    }
    $result = Show-Step "Invoke-AgbCommand 'cat /home/data/test-file.txt'" {
        $s2 | Invoke-AgbCommand 'cat /home/data/test-file.txt' -ErrorOnNonZeroExit
    }
    Show-Step 'Remove-AgbSession' {
        $s2 | Remove-AgbSession
    }
    if ($result.Stdout -cne "$content`n") {
        throw "The code session read '$($result.Stdout)'; expected '$content'."
    }
    ''
    "The browser session uploaded $($status.Files) file, $([Agb.PowerShell.Units]::Size($status.Bytes)), under /tmp/mapping."
    "The code session read it under /home/data: $content"
}
finally {
    Get-AgbSession -Connection $connection | Remove-AgbSession -DiscardChanges
    # Overlayfs creates directories without access for their owner, who then can't remove them.
    chmod -R u+rwx -- $connection.HomeDirectory
    rm -rf -- $connection.HomeDirectory
}
