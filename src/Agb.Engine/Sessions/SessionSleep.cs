namespace Agb.Engine;

/// <summary>Wakes suspended sessions. The driver's record tells what has to be woken, not the status: a process may die between both.</summary>
internal sealed class SessionSleep(EngineParts parts)
{
    /// <summary>Wakes a session if it is suspended, also half: its processes run at the return. May run several times at once; a suspension at
    /// the same time is excluded by the caller.</summary>
    /// <returns>Ends when this is noted too.</returns>
    internal Task WakeAsync(string sessionId)
    {
        var directory = parts.Paths.Session(sessionId);
        if (!parts.Driver.IsAsleep(directory))
        {
            return Task.CompletedTask;
        }
        parts.Driver.Resume(directory, () => parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId))?.Handle());
        return Task.Run(() => Note(sessionId, directory));
    }

    /// <summary>Notes that the session runs. On a full disk it must run all the same, for a command that frees some space.</summary>
    private void Note(string sessionId, string directory)
    {
        FaultPoint.Reach(FaultPoint.SessionThawed);
        try
        {
            parts.Catalog.WriteLazily(tx => SessionTable.SetResumed(tx, sessionId));
            parts.Driver.EndSleep(directory);
        }
        catch (Exception e) when (e is AgbException or IOException)
        {
            parts.Log.ResumeNotRecorded(sessionId, e);
        }
    }
}
