# Runs programs for the build and the tests so that a reader always sees what goes on.

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# A line at the least this often, also while a program is silent.
$heartbeat = [timespan]::FromSeconds(4)

# Starts a program whose two outputs go to one file, so that no reader has to keep up with it.
function Start-Logged($Program, [string] $Folder) {
    $log = Join-Path $Folder "$(New-Guid).log"
    $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
    foreach ($argument in @('-c', 'log=$1; shift; exec "$@" >"$log" 2>&1 </dev/null', 'sh', $log) + $Program.Command) {
        $start.ArgumentList.Add($argument)
    }
    $null = New-Item $log -ItemType File
    [pscustomobject]@{
        What    = $Program.What
        Process = [Diagnostics.Process]::Start($start)
        Reader  = [IO.StreamReader]::new([IO.FileStream]::new($log, 'Open', 'Read', 'ReadWrite'))
        Rest    = ''
        Watch   = [Diagnostics.Stopwatch]::StartNew()
    }
}

# Emits the lines that a program has written since the last call; with -All also one that is not ended.
function Read-Line($Run, [switch] $All) {
    $lines = ($Run.Rest + $Run.Reader.ReadToEnd()) -split '\r?\n'
    $Run.Rest = $lines[-1]
    $lines | Select-Object -SkipLast 1
    if ($All -and $Run.Rest) {
        $Run.Rest
    }
}

<#
.SYNOPSIS
    Runs programs, at most so many at once, shows their output as it comes, and emits What, ExitCode and Seconds of each.
.DESCRIPTION
    The output goes to the host, each line with the program's name before it when there are several. While all are silent a line
    says what is running and for how long.
#>
function Invoke-ProgramQueue {
    [CmdletBinding()]
    param(
        # Objects with What, which names the work, and Command, the program and its arguments.
        [Parameter(Mandatory)]
        [object[]] $Program,

        [ValidateRange(1, 16)]
        [int] $AtOnce = 1
    )

    $waiting = [Collections.Generic.Queue[object]]::new($Program)
    $running = [Collections.Generic.List[object]]::new()
    $folder = [IO.Directory]::CreateTempSubdirectory('agb-build-').FullName
    $silence = [Diagnostics.Stopwatch]::StartNew()
    try {
        while ($waiting.Count -or $running.Count) {
            while ($waiting.Count -and $running.Count -lt $AtOnce) {
                $next = $waiting.Dequeue()
                Write-Host "$($next.What) ..."
                $running.Add((Start-Logged $next $folder))
            }
            Start-Sleep -Milliseconds 100
            foreach ($run in @($running)) {
                $ended = $run.Process.HasExited
                foreach ($line in Read-Line $run -All:$ended) {
                    Write-Host ($Program.Count -gt 1 ? "$($run.What): $line" : $line)
                    $silence.Restart()
                }
                if ($ended) {
                    $null = $running.Remove($run)
                    $run.Reader.Dispose()
                    $silence.Restart()
                    [pscustomobject]@{
                        What     = $run.What
                        ExitCode = $run.Process.ExitCode
                        Seconds  = $run.Watch.Elapsed.TotalSeconds
                    }
                    $run.Process.Dispose()
                }
            }
            if ($silence.Elapsed -ge $heartbeat) {
                $state = $running | ForEach-Object { '{0}, {1:0} s' -f $_.What, $_.Watch.Elapsed.TotalSeconds }
                Write-Host "    ... $($state -join '; ')$($waiting.Count ? "; $($waiting.Count) more" : '')"
                $silence.Restart()
            }
        }
    }
    finally {
        # Left behind only when the caller is stopped.
        foreach ($run in $running) {
            $run.Process.Kill($true)
            $run.Reader.Dispose()
        }
        Remove-Item $folder -Recurse -Force
    }
}

<#
.SYNOPSIS
    Runs one program, shows its output as it comes, and throws when it fails.
#>
function Invoke-Program {
    [CmdletBinding()]
    param(
        # The work, as the reader is to see it.
        [Parameter(Mandatory)]
        [string] $What,

        # The program and its arguments.
        [Parameter(Mandatory)]
        [string[]] $Command
    )

    $result = Invoke-ProgramQueue ([pscustomobject]@{ What = $What; Command = $Command })
    if ($result.ExitCode -ne 0) {
        throw "'$($Command -join ' ')' ended with exit code $($result.ExitCode)."
    }
}

Export-ModuleMember -Function Invoke-ProgramQueue, Invoke-Program
