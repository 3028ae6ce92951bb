namespace Agb;

/// <summary>The rules for mounts into running sessions, checked before anything changes.</summary>
public static class MountRules
{
    /// <summary>Checks a request for a mount and returns it with normal paths.</summary>
    /// <exception cref="AgbException">The id of the broken rule.</exception>
    public static AgbMountRequest Mount(AgbMountRequest request)
    {
        Version(request.Version);
        return request with
        {
            Sync = RequestRules.ContextSync(request.Sync),
            // A path that leads out or is empty is refused like any other.
            SubPath = request.SubPath is null ? null : LinuxPath.Normalize("/" + request.SubPath.TrimStart('/'), "sub path").TrimStart('/'),
        };
    }

    /// <summary>Checks a request for a change of a mount and returns it with a normal path.</summary>
    /// <exception cref="AgbException">The id of the broken rule.</exception>
    public static AgbMountChange Change(AgbMountChange request)
    {
        if (!Enum.IsDefined(request.Changes))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"The treatment of changes '{request.Changes}' does not exist; expected {string.Join(", ", Enum.GetNames<AgbReleaseMode>())}.", target: request.Changes);
        }
        Version(request.Version);
        return request.Path is null ? request : request with { Path = LinuxPath.Normalize(request.Path) };
    }

    private static void Version(long? version)
    {
        if (version < 1)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidSessionOption, $"The version is {version}; versions begin at 1.", target: version);
        }
    }
}
