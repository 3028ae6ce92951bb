# What several test files need. Each dot-sources this in its BeforeAll.

$Root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
Import-Module "$Root/Agb.psd1"

# The command that starts another PowerShell: & $Pwsh @PwshLeading -NoProfile ...
$Pwsh, $PwshLeading = & "$Root/eng/Get-PowerShellCommand.ps1"
$PwshLeading = @($PwshLeading)

# A fresh home for the embedded service, which decides what it is by the environment alone. With AGB_TEST_SERVER set the same
# tests run through a server on loopback.
function Initialize-AgbHome {
    Remove-Item env:AGB_API_KEY, env:AGB_ENDPOINT -ErrorAction Ignore
    $env:AGB_HOME = [IO.Directory]::CreateTempSubdirectory('agb-pester-').FullName
    # The verdict on this host takes several sandboxes, so the homes of a run share that of HostReady.ps1.
    if (Test-Path variable:global:AgbHostVerdict) {
        [IO.File]::WriteAllBytes("$env:AGB_HOME/host-probe.json", $global:AgbHostVerdict)
    }
    if ($env:AGB_TEST_SERVER) {
        $server = Start-AgbServer http://127.0.0.1:0
        $env:AGB_ENDPOINT = $server.Endpoint
        $env:AGB_API_KEY = $server.ApiKey | ConvertFrom-SecureString -AsPlainText
    }
}

# Removes a directory with all that is in it. Remove-Item can't: .NET has no way to name a file whose name is not UTF-8,
# and overlayfs makes directories that not even their owner may read.
function Remove-Tree([string] $Path) {
    chmod -R u+rwx -- $Path
    rm -rf -- $Path
}

# Releases what a test left and removes the home. A session that can't be released fails the test file.
function Clear-AgbHome {
    try {
        Get-AgbSession | Remove-AgbSession -DiscardChanges -ErrorAction Stop
    }
    finally {
        if ($env:AGB_TEST_SERVER) {
            Stop-AgbServer
            Remove-Item env:AGB_API_KEY, env:AGB_ENDPOINT
        }
        Remove-Tree $env:AGB_HOME
        Remove-Item env:AGB_HOME
    }
}

# The reason why an image's browser or desktop can't run on this host, or null.
function Get-MissingProgram([string] $ImageId) {
    $image = Get-AgbImage $ImageId -Connection (Connect-Agb -HomeDirectory (Join-Path ([IO.Path]::GetTempPath()) agb-no-home))
    if ($image.Missing) {
        "this host lacks $($image.Missing -join ', '): $($image.Remedy)"
    }
}

# A connection to a service in memory, for tests of the cmdlets alone.
function New-MemoryConnection {
    Add-Type -Path "$Root/out/test-service/Agb.PowerShell.TestService.dll"
    [Agb.PowerShell.AgbConnection]::new([Agb.PowerShell.TestService.MemoryService]::new())
}

# The first error of an action as a record, or null. The action's errors all stop it.
function Get-ErrorOf([scriptblock] $Action) {
    $ErrorActionPreference = 'Stop'
    try {
        $null = & $Action
    }
    catch {
        $_
    }
}

# The stable id of the first error of an action.
function Get-ErrorIdOf([scriptblock] $Action) {
    ((Get-ErrorOf $Action)?.FullyQualifiedErrorId -split ',')[0]
}

# Looks again and again until a condition holds; fails when it does not in time.
function Wait-Until([scriptblock] $Condition, [string] $What, [double] $Seconds = 20) {
    $deadline = [datetime]::UtcNow.AddSeconds($Seconds)
    while (-not (& $Condition)) {
        if ([datetime]::UtcNow -gt $deadline) {
            throw "Not within $Seconds s: $What"
        }
        Start-Sleep -Milliseconds 20
    }
}

# Starts a script in a runspace of its own, with the module loaded.
function Start-Pipeline([string] $Script, [hashtable] $Variables = @{}) {
    $shell = [powershell]::Create()
    $null = $shell.AddScript("Import-Module '$Root/Agb.psd1'").Invoke()
    $shell.Commands.Clear()
    foreach ($name in $Variables.Keys) {
        $shell.Runspace.SessionStateProxy.SetVariable($name, $Variables[$name])
    }
    $null = $shell.AddScript($Script)
    [pscustomobject]@{ Shell = $shell; Run = $shell.BeginInvoke() }
}

# Stops such a script as Ctrl+C does and returns when its pipeline has ended.
function Stop-Pipeline($Pipeline) {
    $stop = $Pipeline.Shell.BeginStop($null, $null)
    $ended = $stop.AsyncWaitHandle.WaitOne(30000)
    $ended | Should -BeTrue -Because 'a stopped pipeline ends'
    $Pipeline.Shell.EndStop($stop)
}

# Host processes whose command line holds a text. A sandbox's processes are children in the host's eyes.
function Find-HostProcess([string] $Text) {
    foreach ($directory in [IO.Directory]::EnumerateDirectories('/proc')) {
        try {
            $line = [IO.File]::ReadAllText("$directory/cmdline").Replace("`0", ' ')
        }
        catch [IO.IOException], [UnauthorizedAccessException] {
            # Not a process, or gone since.
            continue
        }
        if ($line.Contains($Text) -and [IO.Path]::GetFileName($directory) -ne $PID) {
            $line
        }
    }
}
