# Assertions for Pester: operators of Should on Pester 5 and 6, and on Pester 6 functions such as Should-HaveAgbFile beside them.
# Imported by the first cmdlet of Agb in a runspace with Pester.

Set-StrictMode -Version Latest

# Quotes a text as one word of a shell.
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

# The content of a file, with its line feeds except the last one; null for a missing file.
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

# Fails an assertion of Pester 6 if the operator's test fails for one of the values.
function Complete-Assertion($Assertion, [string] $Expected, [string] $Because, [scriptblock] $Test) {
    $values = @($Assertion.Actual())
    if ($values.Count -eq 0 -or $null -in $values) {
        $Assertion.Fail("Expected a value to look at,<because> but got nothing.", @{ Expected = $Expected; Because = $Because })
        return
    }
    foreach ($value in $values) {
        $verdict = & $Test $value
        if (-not $verdict.Succeeded) {
            # The value as text: Pester would print all properties of an object.
            $Assertion.Fail($verdict.FailureMessage, @{ Expected = $Expected; Actual = "$value"; Because = $Because })
            return
        }
    }
}

<#
.SYNOPSIS
    Asserts that a context or a session has an entry at a path.
.PARAMETER Actual
    The context, its name, or the session.
.PARAMETER Expected
    The absolute path of a file, directory or link.
.PARAMETER Because
    The reason, for the message of a failure.
.EXAMPLE
    $session | Should-HaveAgbFile /home/data/report.txt
.NOTES
    The opposite is Should-NotHaveAgbFile. For Pester 6.
#>
function Should-HaveAgbFile {
    [CmdletBinding()]
    param(
        [Parameter(Position = 1, ValueFromPipeline)] $Actual,
        [Parameter(Position = 0, Mandatory)] [Alias('Path')] [string] $Expected,
        [string] $Because
    )

    $assert = Pester\New-ShouldAssertion -Caller $PSCmdlet -Actual $Actual -Buffer $local:Input
    Complete-Assertion $assert $Expected $Because { param($where) Assert-HaveAgbFile $where $Expected -Because $Because }
}

<#
.SYNOPSIS
    Asserts that a context or a session has no entry at a path.
.PARAMETER Actual
    The context, its name, or the session.
.PARAMETER Expected
    The absolute path.
.PARAMETER Because
    The reason, for the message of a failure.
.EXAMPLE
    $context | Should-NotHaveAgbFile /home/data/draft.txt
.NOTES
    The opposite is Should-HaveAgbFile. For Pester 6.
#>
function Should-NotHaveAgbFile {
    [CmdletBinding()]
    param(
        [Parameter(Position = 1, ValueFromPipeline)] $Actual,
        [Parameter(Position = 0, Mandatory)] [Alias('Path')] [string] $Expected,
        [string] $Because
    )

    $assert = Pester\New-ShouldAssertion -Caller $PSCmdlet -Actual $Actual -Buffer $local:Input
    Complete-Assertion $assert $Expected $Because { param($where) Assert-HaveAgbFile $where $Expected -Negate -Because $Because }
}

<#
.SYNOPSIS
    Asserts the content of a file in a context or a session. Case counts; a line feed at the end does not.
.PARAMETER Actual
    The context, its name, or the session.
.PARAMETER Path
    The absolute path of the file.
.PARAMETER Expected
    The content.
.PARAMETER Because
    The reason, for the message of a failure.
.EXAMPLE
    $context | Should-HaveAgbFileContent /home/data/report.txt 'all is well'
.NOTES
    The opposite is Should-NotHaveAgbFileContent. For Pester 6.
#>
function Should-HaveAgbFileContent {
    [CmdletBinding()]
    param(
        [Parameter(Position = 2, ValueFromPipeline)] $Actual,
        [Parameter(Position = 0, Mandatory)] [string] $Path,
        [Parameter(Position = 1, Mandatory)] [AllowEmptyString()] [Alias('Content')] [string] $Expected,
        [string] $Because
    )

    $assert = Pester\New-ShouldAssertion -Caller $PSCmdlet -Actual $Actual -Buffer $local:Input
    Complete-Assertion $assert $Expected $Because { param($where) Assert-HaveAgbFileContent $where $Path $Expected -Because $Because }
}

<#
.SYNOPSIS
    Asserts that a file in a context or a session has another content, or is missing.
.PARAMETER Actual
    The context, its name, or the session.
.PARAMETER Path
    The absolute path of the file.
.PARAMETER Expected
    The content that it must not have.
.PARAMETER Because
    The reason, for the message of a failure.
.EXAMPLE
    $session | Should-NotHaveAgbFileContent /home/data/report.txt 'draft'
.NOTES
    The opposite is Should-HaveAgbFileContent. For Pester 6.
#>
function Should-NotHaveAgbFileContent {
    [CmdletBinding()]
    param(
        [Parameter(Position = 2, ValueFromPipeline)] $Actual,
        [Parameter(Position = 0, Mandatory)] [string] $Path,
        [Parameter(Position = 1, Mandatory)] [AllowEmptyString()] [Alias('Content')] [string] $Expected,
        [string] $Because
    )

    $assert = Pester\New-ShouldAssertion -Caller $PSCmdlet -Actual $Actual -Buffer $local:Input
    Complete-Assertion $assert $Expected $Because { param($where) Assert-HaveAgbFileContent $where $Path $Expected -Negate -Because $Because }
}

<#
.SYNOPSIS
    Asserts the success of a command in a session, or of its result.
.PARAMETER Actual
    The command, or a result of Invoke-AgbCommand or Invoke-AgbCode.
.PARAMETER Session
    The session to run a command in; a result needs none.
.PARAMETER Because
    The reason, for the message of a failure.
.EXAMPLE
    'make test' | Should-SucceedInAgbSession $session
.NOTES
    The opposite is Should-NotSucceedInAgbSession. For Pester 6.
#>
function Should-SucceedInAgbSession {
    [CmdletBinding()]
    param(
        [Parameter(Position = 1, ValueFromPipeline)] $Actual,
        [Parameter(Position = 0)] $Session,
        [string] $Because
    )

    $assert = Pester\New-ShouldAssertion -Caller $PSCmdlet -Actual $Actual -Buffer $local:Input
    Complete-Assertion $assert 'success' $Because { param($what) Assert-SucceedInAgbSession $what $Session -Because $Because }
}

<#
.SYNOPSIS
    Asserts the failure of a command in a session, or of its result.
.PARAMETER Actual
    The command, or a result of Invoke-AgbCommand or Invoke-AgbCode.
.PARAMETER Session
    The session to run a command in; a result needs none.
.PARAMETER Because
    The reason, for the message of a failure.
.EXAMPLE
    'ls /no-such-directory' | Should-NotSucceedInAgbSession $session
.NOTES
    The opposite is Should-SucceedInAgbSession. For Pester 6.
#>
function Should-NotSucceedInAgbSession {
    [CmdletBinding()]
    param(
        [Parameter(Position = 1, ValueFromPipeline)] $Actual,
        [Parameter(Position = 0)] $Session,
        [string] $Because
    )

    $assert = Pester\New-ShouldAssertion -Caller $PSCmdlet -Actual $Actual -Buffer $local:Input
    Complete-Assertion $assert 'a failure' $Because { param($what) Assert-SucceedInAgbSession $what $Session -Negate -Because $Because }
}

foreach ($name in 'HaveAgbFile', 'HaveAgbFileContent', 'SucceedInAgbSession') {
    if (-not (Pester\Get-ShouldOperator | Where-Object Name -EQ $name)) {
        Pester\Add-ShouldOperator -Name $name -InternalName "Assert-$name" -Test (Get-Item "function:Assert-$name").ScriptBlock
    }
}
# Pester 5 has no New-ShouldAssertion and no such functions.
Export-ModuleMember -Function ((Get-Command Pester\New-ShouldAssertion -ErrorAction Ignore) ? 'Should-*' : @())
