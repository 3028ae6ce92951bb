# New-AgbSyncPolicy: a parameter for every field of all seven policies, each validated.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'New-AgbSyncPolicy' {
    It 'has the defaults of the official SDK' {
        $policy = New-AgbSyncPolicy
        $policy | Should -BeOfType Agb.AgbSyncPolicy
        $policy.Upload.AutoUpload | Should -BeTrue
        $policy.Upload.UploadStrategy | Should -Be UploadBeforeResourceRelease
        $policy.Upload.UploadMode | Should -Be File
        $policy.Download.AutoDownload | Should -BeTrue
        $policy.Download.DownloadStrategy | Should -Be DownloadAsync
        $policy.Delete.SyncLocalFile | Should -BeTrue
        $policy.Extract.Extract | Should -BeTrue
        $policy.Extract.DeleteSrcFile | Should -BeTrue
        $policy.Extract.ExtractToCurrentFolder | Should -BeFalse
        $policy.Recycle.Lifecycle | Should -Be Lifecycle_Forever
        $policy.Recycle.Paths | Should -Be ''
        $policy.WhiteLists | Should -HaveCount 0
        $policy.Mapping | Should -BeNullOrEmpty
    }

    It 'sets every field' {
        $policy = New-AgbSyncPolicy -AutoUpload $false -UploadStrategy UploadBeforeResourceRelease -UploadMode Archive `
            -AutoDownload $false -DownloadStrategy DownloadAsync -SyncLocalFile $false -Extract $false -DeleteSrcFile $false `
            -ExtractToCurrentFolder $true -Lifecycle Lifecycle_30Days -RecyclePath logs, cache `
            -WhiteList 'src', @{ Path = 'docs'; ExcludePaths = 'drafts', 'old' } -MappingPath /tmp/mapping/
        $policy.Upload.AutoUpload | Should -BeFalse
        $policy.Upload.UploadMode | Should -Be Archive
        $policy.Download.AutoDownload | Should -BeFalse
        $policy.Delete.SyncLocalFile | Should -BeFalse
        $policy.Extract.Extract | Should -BeFalse
        $policy.Extract.DeleteSrcFile | Should -BeFalse
        $policy.Extract.ExtractToCurrentFolder | Should -BeTrue
        $policy.Recycle.Lifecycle | Should -Be Lifecycle_30Days
        $policy.Recycle.Paths | Should -Be logs, cache
        $policy.WhiteLists.Path | Should -Be src, docs
        $policy.WhiteLists[1].ExcludePaths | Should -Be drafts, old
        $policy.Mapping.Path | Should -Be /tmp/mapping
    }

    It 'takes white lists as objects' {
        $entries = @(
            [pscustomobject]@{ Path = 'a'; ExcludePaths = @('b') }
            [Agb.AgbWhiteList]@{ Path = 'c' }
        )
        (New-AgbSyncPolicy -WhiteList $entries).WhiteLists.Path | Should -Be a, c
    }

    It 'takes a lifecycle without its prefix, in any case' {
        (New-AgbSyncPolicy -Lifecycle 90days).Recycle.Lifecycle | Should -Be Lifecycle_90Days
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'a lifecycle that does not exist'; id = 'InvalidPolicy'; names = 'Lifecycle_7Days'; make = { New-AgbSyncPolicy -Lifecycle Lifecycle_7Days } }
        @{ what = 'a lifecycle by number'; id = 'InvalidPolicy'; names = '30'; make = { New-AgbSyncPolicy -Lifecycle 30 } }
        @{ what = 'an upload mode that does not exist'; id = 'InvalidPolicy'; names = 'Tar'; make = { New-AgbSyncPolicy -UploadMode Tar } }
        @{ what = 'an upload strategy that does not exist'; id = 'InvalidPolicy'; names = 'Now'; make = { New-AgbSyncPolicy -UploadStrategy Now } }
        @{ what = 'a download strategy that does not exist'; id = 'InvalidPolicy'; names = 'Now'; make = { New-AgbSyncPolicy -DownloadStrategy Now } }
        @{ what = 'a wildcard in a recycle path'; id = 'InvalidPolicy'; names = '\*\.log'; make = { New-AgbSyncPolicy -RecyclePath *.log } }
        @{ what = 'a wildcard in a white list'; id = 'InvalidPolicy'; names = 'src/\*'; make = { New-AgbSyncPolicy -WhiteList src/* } }
        @{ what = 'a wildcard in an exclusion'; id = 'InvalidPolicy'; names = '\[ab\]'; make = { New-AgbSyncPolicy -WhiteList @{ Path = 'src'; ExcludePaths = '[ab]' } } }
        @{ what = 'an empty white list path'; id = 'InvalidPolicy'; names = 'empty'; make = { New-AgbSyncPolicy -WhiteList '' } }
        @{ what = 'a white list path with ..'; id = 'InvalidPolicy'; names = '\.\.'; make = { New-AgbSyncPolicy -WhiteList ../x } }
        @{ what = 'a white list without a path'; id = 'InvalidPolicy'; names = 'no Path'; make = { New-AgbSyncPolicy -WhiteList @{ ExcludePaths = 'x' } } }
        @{ what = 'a misspelt white list key'; id = 'InvalidPolicy'; names = 'Exclude'; make = { New-AgbSyncPolicy -WhiteList @{ Path = 'src'; Exclude = 'x' } } }
        @{ what = 'a relative mapping path'; id = 'InvalidPath'; names = 'tmp/mapping'; make = { New-AgbSyncPolicy -MappingPath tmp/mapping } }
        @{ what = 'an empty mapping path'; id = 'InvalidPath'; names = 'empty'; make = { New-AgbSyncPolicy -MappingPath '' } }
        @{ what = 'a mapping path with ..'; id = 'InvalidPath'; names = '\.\.'; make = { New-AgbSyncPolicy -MappingPath /tmp/../etc } }
    ) {
        $record = Get-ErrorOf $make
        $record.FullyQualifiedErrorId | Should -BeLike "$id,*"
        $record.CategoryInfo.Category | Should -Be InvalidArgument
        "$record" | Should -Match $names
    }

    It 'names all wrong words at once' {
        "$(Get-ErrorOf { New-AgbSyncPolicy -Lifecycle X -UploadMode Y })" | Should -Match "'Y'.*'X'"
    }
}
