# Help says what the loaded cmdlets do: its facts are compared with the cmdlets, its examples are run.
# An example on a page may have two comments, which Get-Help does not show:
#   <!-- setup: ... -->   what runs before it
#   <!-- expect: ... -->  a regular expression that its output matches
# Each example runs with a store of its own, in an empty directory, and fails on the first error.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
    $pages = Get-ChildItem "$Root/docs/en-US" -Filter *-*.md
    $commands = Get-Command -Module Agb
    $topics = Get-ChildItem "$Root/docs/en-US" -Filter about_*.md | ForEach-Object BaseName

    function Get-Comment([string] $Text, [string] $Kind) {
        [regex]::Match($Text, "(?s)<!-- ${Kind}: (.*?) -->").Groups[1].Value
    }

    $examples = foreach ($page in $pages) {
        $section = [regex]::Match((Get-Content $page -Raw), '(?s)\n## Examples\n(.*?)\n## ').Groups[1].Value
        foreach ($example in [regex]::Matches($section, '(?s)(?:^|\n)### (?<title>[^\n]+)\n(?<body>.*?)(?=\n### |\z)')) {
            $body = $example.Groups['body'].Value
            @{
                Command = $page.BaseName
                Title   = $example.Groups['title'].Value
                Setup   = Get-Comment $body setup
                Code    = [regex]::Match($body, '(?s)```powershell\n(.*?)```').Groups[1].Value
                Expect  = Get-Comment $body expect
            }
        }
    }
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
    . $Root/eng/HelpFacts.ps1
    $browserMissing = Get-MissingProgram agb-browser-use-1
}

Describe 'The help of <_.Name>' -ForEach $commands {
    BeforeAll {
        $command = $_
        $help = Get-Help $command.Name -Full
        $described = @($help.parameters.parameter)
        $facts = @(Get-HelpFact $command)
    }

    It 'is there: synopsis, description, notes on each parameter, examples, links' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis.Trim() | Should -Not -Match "^$($command.Name)" -Because 'that is what PowerShell shows without help'
        $help.description.Text -join '' | Should -Not -BeNullOrEmpty
        $described | ForEach-Object { $_.description.Text -join '' | Should -Not -BeNullOrEmpty }
        @($help.examples.example).Count | Should -BeGreaterOrEqual 3
        $help.relatedLinks.navigationLink.linkText | Should -Not -BeNullOrEmpty
        $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty
    }

    It 'has the parameters of the cmdlet' {
        $described.name | Sort-Object | Should -Be ($facts.Name | Sort-Object)
    }

    It 'agrees with the cmdlet: types, sets, mandatory, positions, defaults, pipeline, wildcards' {
        # If this fails: eng/Update-HelpFacts.ps1 brings the page in line.
        $page = Get-Content "$Root/docs/en-US/$($command.Name).md" -Raw
        foreach ($fact in $facts) {
            $block = [regex]::Match($page, "(?s)\n### -$($fact.Name)\n.*?``````yaml\n(.*?)\n``````").Groups[1].Value
            $block -split "`n" | Should -Be $fact.Lines -Because "-$($fact.Name) is so"
        }
    }

    It 'reaches Get-Help as written' {
        foreach ($parameter in $described) {
            $lines = ($facts | Where-Object Name -EQ $parameter.name).Lines
            $lines | Should -Contain "Type: $($parameter.type.name)"
            $lines | Should -Contain "Required: $($parameter.required -eq 'true' ? 'yes' : 'no')"
            $lines | Should -Contain "Position: $($parameter.position)"
            $lines | Should -Contain "Default: $($parameter.defaultValue)"
            $lines | Should -Contain "Wildcards: $($parameter.globbing -eq 'true' ? 'yes' : 'no')"
            $pipeline = $parameter.pipelineInput -replace '^True \((.*)\)$', '$1'
            @($lines -match '^Pipeline') -join '' | Should -Be ($pipeline -eq 'False' ? '' : "Pipeline: $pipeline")
            $aliases = $parameter.aliases -eq 'none' ? '' : "Aliases: $($parameter.aliases)"
            @($lines -match '^Aliases') -join '' | Should -Be $aliases
        }
    }

    It 'shows a syntax for each parameter set' {
        @($help.syntax.syntaxItem).Count | Should -Be $command.ParameterSets.Count
        foreach ($set in $command.ParameterSets) {
            $names = $set.Parameters.Name | Where-Object { $_ -in $facts.Name } | Sort-Object
            $shown = @($help.syntax.syntaxItem | Where-Object { -not (Compare-Object @($_.parameter.name) @($names)) })
            $shown.Count | Should -Be 1 -Because "the set '$($set.Name)' has $($names -join ', ')"
        }
    }

    It 'names what the cmdlet emits' {
        $types = $command.OutputType.Type | ForEach-Object { $_ -eq [void] ? 'None' : $_.Name } | Sort-Object
        $help.returnValues.returnValue.type.name | Sort-Object | Should -Be $types
    }

    It 'links to what exists' {
        foreach ($name in $help.relatedLinks.navigationLink.linkText) {
            { Get-Help $name -ErrorAction Stop } | Should -Not -Throw
        }
    }
}

Describe 'The pages' {
    It 'are those of the cmdlets' -ForEach @(@{ Pages = $pages.BaseName; Commands = $commands.Name }) {
        $Pages | Sort-Object | Should -Be ($Commands | Sort-Object)
    }

    It 'include <_>, which fits 80 columns' -ForEach $topics {
        $text = Get-Help $_ -ErrorAction Stop | Out-String -Width 200
        $text | Should -Match "(?m)^SHORT DESCRIPTION\r?\n +\S"
        $text -split "`n" | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual 80 -Because $_ }
    }

    It 'have a topic for each thing that there is to know' {
        (Get-Help about_Agb*).Name | Sort-Object |
            Should -Be 'about_Agb', 'about_Agb_Browsers', 'about_Agb_Contexts', 'about_Agb_Errors', 'about_Agb_Sessions', 'about_Agb_Sync_Policies'
    }
}

Describe 'about_Agb_Errors' {
    It 'has every error id once, with cause and remedy, and no other' {
        $ids = [Agb.AgbErrorIds].GetFields().ForEach({ $_.GetRawConstantValue() })
        $text = Get-Help about_Agb_Errors | Out-String -Width 200
        $told = [regex]::Matches($text, '(?m)^    (\w+)\r?\n        Cause: \S[^\n]*\n(?:        [^\n]*\n)*?        Remedy: \S')
        $told.ForEach({ $_.Groups[1].Value }) | Sort-Object | Should -Be ($ids | Sort-Object)
    }
}

Describe 'The examples' -Skip:(-not $hostReady) {
    BeforeEach {
        Initialize-AgbHome
        Push-Location (New-Item "$TestDrive/$(New-Guid)" -ItemType Directory)
    }

    AfterEach {
        # An example may have made stores of its own below the current directory.
        $directory = (Get-Location).ProviderPath
        Pop-Location
        Clear-AgbHome
        Remove-Tree $directory
    }

    It 'of <Command> run: <Title>' -ForEach $examples {
        if ($browserMissing -and $Setup -match 'agb-browser-use-1') {
            Set-ItResult -Skipped -Because $browserMissing
        }
        $script = [scriptblock]::Create("`$ErrorActionPreference = 'Stop'`n$Setup`n& { $Code } | Out-String -Width 120")
        $Code.Trim() | Should -Not -BeNullOrEmpty
        # Without a setup the output is the example's alone; a setup's own output would be the setup's fault.
        $output = (& $script) -join "`n"
        $output.Trim() | Should -Match $Expect
    }
}
