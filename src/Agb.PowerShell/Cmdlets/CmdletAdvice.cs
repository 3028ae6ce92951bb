using Agb.Cloud;

namespace Agb.PowerShell;

/// <summary>The words for an <see cref="AgbAdvice"/> in PowerShell: cmdlets and their parameters.</summary>
internal static class CmdletAdvice
{
    /// <summary>The remedy of an error, or the empty string.</summary>
    internal static string Of(AgbException error) => error.RemedyWith(Of) ?? "";

    /// <summary>One or two sentences for an advice.</summary>
    internal static string Of(AgbAdvice advice) => advice switch
    {
        AgbAdvice.ListContexts => "List the contexts with Get-AgbContext, or create one with New-AgbContext.",
        AgbAdvice.UseExistingContext => "Choose another name, or use the existing context: New-AgbContext -GetExisting, or Get-AgbContext.",
        AgbAdvice.ListContextFiles => "List its files with Get-AgbContextFile.",
        AgbAdvice.ListContextVersions => "List its versions with Get-AgbContextVersion.",
        AgbAdvice.ClearContext => "Remove all data of a context with Clear-AgbContext.",
        AgbAdvice.RemoveRecursively => "Use -Recurse to remove it with all its content.",
        AgbAdvice.KeepArchivesPacked => "Replace or remove the archive, or use a sync policy with -Extract $false, to leave archives packed.",
        AgbAdvice.ListSessions => "List the sessions with Get-AgbSession, or create one with New-AgbSession.",
        AgbAdvice.CreateSession => "Create another session with New-AgbSession; the contexts keep the uploaded data.",
        AgbAdvice.CreateLargerSession => "Create another session with New-AgbSession and a higher -MemoryLimit; the contexts keep the uploaded data.",
        AgbAdvice.CreateLongerSession => "Create another session with New-AgbSession, with a longer -MaxLifetimeSeconds or -IdleTimeoutSeconds.",
        AgbAdvice.WaitForSession => "Wait for it with Wait-AgbSession, or create another session.",
        AgbAdvice.WatchSession => "The release continues; look at the session with Get-AgbSession.",
        AgbAdvice.ReleaseSessions => "Release these sessions first, with Remove-AgbSession.",
        AgbAdvice.ReplaceFailedSession => "If needed, upload its changes with Sync-AgbContext. Remove it with Remove-AgbSession, and create another.",
        AgbAdvice.ReleaseAgain => "Remove the session again with Remove-AgbSession, or discard its changes with -DiscardChanges.",
        AgbAdvice.SaveAndDiscard => "Copy the needed files out of the session with Invoke-AgbCommand, then remove it with -DiscardChanges.",
        AgbAdvice.WaitForSync => "Wait longer, or look at it with Get-AgbSyncStatus; the sync continues.",
        AgbAdvice.DownloadAgain => "Download the data again with Sync-AgbContext -Mode Download, or remove the session.",
        AgbAdvice.AllowDeletions =>
            "List the deletions with Sync-AgbContext -WhatIf, restore the files with Sync-AgbContext -Mode Download -Force, or allow more with -MaxDeletePercent.",
        AgbAdvice.EndWriters => "End them, or use -Force: their later writes are dropped.",
        AgbAdvice.SaveOrDropChanges => "Upload them with -SyncContext, or drop them with -Discard; -WhatIf lists them.",
        AgbAdvice.SwitchVersion => "Show another version of it with Switch-AgbContext.",
        AgbAdvice.CheckHost => "Check this host with Test-AgbHost.",
        AgbAdvice.GiveApiKey => $"Give one to Connect-Agb with -ApiKey, or set {CloudEnvironment.ApiKeyVariable}.",
        AgbAdvice.CheckApiKey => $"Check the API key for this service: the value of Connect-Agb -ApiKey, else {CloudEnvironment.ApiKeyVariable}.",
        _ => throw new ArgumentOutOfRangeException(nameof(advice), advice, "An advice without words."),
    };
}
