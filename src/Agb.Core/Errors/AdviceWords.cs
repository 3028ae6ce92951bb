namespace Agb;

/// <summary>The words for an <see cref="AgbAdvice"/> that fit every front end: operations, but no cmdlets, options or
/// headers.</summary>
public static class AdviceWords
{
    /// <summary>One or two sentences for an advice.</summary>
    public static string Of(AgbAdvice advice) => advice switch
    {
        AgbAdvice.ListContexts => "List the contexts, or create one.",
        AgbAdvice.UseExistingContext => "Choose another name, or use the existing context.",
        AgbAdvice.ListContextFiles => "List the files of the context.",
        AgbAdvice.ListContextVersions => "List the versions of the context.",
        AgbAdvice.ClearContext => "Remove all data of a context by clearing it.",
        AgbAdvice.RemoveRecursively => "Remove it with its content.",
        AgbAdvice.KeepArchivesPacked => "Replace or remove the archive, or leave archives packed by the sync policy.",
        AgbAdvice.ListSessions => "List the sessions, or create one.",
        AgbAdvice.CreateSession => "Create another session; the contexts keep the uploaded data.",
        AgbAdvice.CreateLargerSession => "Create another session with a higher memory limit; the contexts keep the uploaded data.",
        AgbAdvice.CreateLongerSession => "Create another session, with a longer lifetime or idle timeout.",
        AgbAdvice.WaitForSession => "Wait for it, or create another session.",
        AgbAdvice.WatchSession => "The release continues; look at the session again.",
        AgbAdvice.ReleaseSessions => "Release these sessions first.",
        AgbAdvice.ReplaceFailedSession => "If needed, upload its changes. Release it, and create another.",
        AgbAdvice.ReleaseAgain => "Release the session again, or discard its changes.",
        AgbAdvice.SaveAndDiscard => "Copy the needed files out of the session by a command, then release it without its changes.",
        AgbAdvice.WaitForSync => "Wait longer, or look at its status; the sync continues.",
        AgbAdvice.DownloadAgain => "Download the data again, or release the session.",
        AgbAdvice.AllowDeletions => "Plan the sync to see the deletions; restore the files by a forced download, or allow more deletions.",
        AgbAdvice.EndWriters => "End them, or force the change: their later writes are dropped.",
        AgbAdvice.SaveOrDropChanges => "Ask for their upload, or for dropping them; a plan of the sync lists them.",
        AgbAdvice.SwitchVersion => "Show another version of it.",
        AgbAdvice.CheckHost => "Check this host.",
        AgbAdvice.GiveApiKey => "Give an API key.",
        AgbAdvice.CheckApiKey => "Check the API key for this service.",
        _ => throw new ArgumentOutOfRangeException(nameof(advice), advice, "An advice without words."),
    };
}
