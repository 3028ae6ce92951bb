# Dot-sourced at discovery: sets $hostReady, which says whether this machine can run sessions at all. Tests that need
# sessions are skipped where it can't, and the run says why. The first file of a run checks.
. $PSScriptRoot/Support.ps1
if (-not (Test-Path variable:global:AgbHostMissing)) {
    $probeHome = [IO.Directory]::CreateTempSubdirectory('agb-probe-').FullName
    try {
        $global:AgbHostMissing = @(Test-AgbHost -HomeDirectory $probeHome | Where-Object Status -EQ Missing)
        if (Test-Path "$probeHome/host-probe.json") {
            $global:AgbHostVerdict = [IO.File]::ReadAllBytes("$probeHome/host-probe.json")
        }
    }
    finally {
        Remove-Tree $probeHome
    }
    foreach ($check in $global:AgbHostMissing) {
        Write-Host "Skipping what needs sessions: $($check.Name): $($check.Detail). $($check.Remedy)"
    }
}
$hostReady = $global:AgbHostMissing.Count -eq 0
