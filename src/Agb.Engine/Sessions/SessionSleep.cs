namespace Agb.Engine;

/// <summary>Wakes suspended sessions. The driver's record tells what has to be woken, not the status: a process may die between both.</summary>
internal sealed class SessionSleep(EngineParts parts)
{
    /// <summary>Wakes a session if it is suspended, also half. May run several times at once; a suspension at the same time is excluded by
    /// the caller.</summary>
    internal void Wake(string sessionId)
    {
        var directory = parts.Paths.Session(sessionId);
        if (parts.Driver.IsAsleep(directory) && parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId))?.Handle() is { } sandbox)
        {
            parts.Driver.Resume(sandbox, directory, () => TryNote(sessionId));
        }
    }

    /// <summary>Notes that the session runs. On a full disk it must run all the same, for a command that frees some space.</summary>
    private bool TryNote(string sessionId)
    {
        FaultPoint.Reach(FaultPoint.SessionThawed);
        try
        {
            parts.Catalog.WriteLazily(tx => SessionTable.SetResumed(tx, sessionId));
            return true;
        }
        catch (AgbException e)
        {
            parts.Log.ResumeNotRecorded(sessionId, e);
            return false;
        }
    }
}
