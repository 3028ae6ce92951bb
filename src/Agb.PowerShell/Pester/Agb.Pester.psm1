# Operators for Pester's Should. The first cmdlet of Agb that runs beside Pester 5 imports this module.

Set-StrictMode -Version Latest

# A text as one word of a shell.
function Get-ShellWord([string] $Text) {
    "'" + $Text.Replace("'", "'\''") + "'"
}

function Get-Verdict([bool] $IsSo, [bool] $Negate, [string] $Expected, [string] $But, [string] $Because) {
    $reason = $Because ? ", because $($Because -replace '^because\s+')" : ''
    [pscustomobject]@{
        Succeeded      = $IsSo -ne $Negate
        FailureMessage = "Expected $($Expected -f ($Negate ? ' not' : ''))$reason, but $But."
    }
}

# What a file holds, as lines joined by line feeds and without the last one; null when it is not there.
function Get-FileText($Where, [string] $Path) {
    if ($Where -is [Agb.AgbSession]) {
        $result = $Where | Invoke-AgbCommand "cat -- $(Get-ShellWord $Path)" -ErrorAction Stop
        return $result.Success ? $result.Stdout.TrimEnd("`n") : $null
    }
    $folder = [IO.Directory]::CreateTempSubdirectory('agb-should-').FullName
    try {
        $file = Receive-AgbContextFile $Where -LiteralPath $Path -Destination $folder -ErrorAction Stop
        [IO.File]::ReadAllText($file.FullName).TrimEnd("`n")
    }
    catch {
        if ($_.FullyQualifiedErrorId -notlike 'FileNotFound,*') {
            throw
        }
        $null
    }
    finally {
        Remove-Item $folder -Recurse -Force
    }
}

function Test-File($Where, [string] $Path) {
    if ($Where -is [Agb.AgbSession]) {
        return ($Where | Invoke-AgbCommand "test -e $(Get-ShellWord $Path)" -ErrorAction Stop).Success
    }
    try {
        $null = Get-AgbContextFile $Where -LiteralPath $Path -ErrorAction Stop
        $true
    }
    catch {
        if ($_.FullyQualifiedErrorId -notlike 'FileNotFound,*') {
            throw
        }
        $false
    }
}

# $session | Should -HaveAgbFile /home/data/report.txt
function Assert-HaveAgbFile($ActualValue, [string] $Path, [switch] $Negate, [string] $Because) {
    $isThere = Test-File $ActualValue $Path
    Get-Verdict -IsSo $isThere -Negate $Negate -Because $Because -Expected "'$ActualValue'{0} to have '$Path'" -But "it is $($isThere ? '' : 'not ')there"
}

# $context | Should -HaveAgbFileContent /home/data/report.txt 'all is well'
function Assert-HaveAgbFileContent($ActualValue, [string] $Path, [string] $Content, [switch] $Negate, [string] $Because) {
    $found = Get-FileText $ActualValue $Path
    $wanted = $Content.Replace("`r`n", "`n").TrimEnd("`n")
    $but = $null -eq $found ? 'it is not there' : "it has '$found'"
    Get-Verdict -IsSo ($null -ne $found -and $found -ceq $wanted) -Negate $Negate -Because $Because `
        -Expected "'$Path' of '$ActualValue'{0} to have the content '$wanted'" -But $but
}

# 'make test' | Should -SucceedInAgbSession $session; a result of Invoke-AgbCommand or Invoke-AgbCode needs no session
function Assert-SucceedInAgbSession($ActualValue, $Session, [switch] $Negate, [string] $Because) {
    $result = $ActualValue
    if ($ActualValue -is [string]) {
        if ($null -eq $Session) {
            throw [ArgumentException] 'Should -SucceedInAgbSession needs the session for a command: ''ls'' | Should -SucceedInAgbSession $session.'
        }
        $result = Invoke-AgbCommand $ActualValue -Session $Session -ErrorAction Stop
    }
    $what = $result -is [Agb.AgbCommandResult] ? "'$($result.Command)'" : 'the code'
    $why = $result.Success ? 'it succeeded'
        : $result.TimedOut ? 'it ran over its time'
        : $result -is [Agb.AgbCommandResult] ? "it ended with exit code $($result.ExitCode): $($result.Stderr.Trim())"
        : "it failed: $($result.Error)"
    Get-Verdict -IsSo $result.Success -Negate $Negate -Because $Because -Expected "$what{0} to succeed in session '$($result.SessionId)'" -But $why.TrimEnd(': ')
}

foreach ($name in 'HaveAgbFile', 'HaveAgbFileContent', 'SucceedInAgbSession') {
    if (-not (Pester\Get-ShouldOperator | Where-Object Name -EQ $name)) {
        Pester\Add-ShouldOperator -Name $name -InternalName "Assert-$name" -Test (Get-Item "function:Assert-$name").ScriptBlock
    }
}
Export-ModuleMember
