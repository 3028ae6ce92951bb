using System.Globalization;

namespace Agb.Store;

/// <summary>The host user that the files of root's store belong to. It is noted in the home, since another map of user ids gives another one:
/// sessions could then change nothing that is stored.</summary>
internal static class SessionUser
{
    private const string FileName = "session-user";

    /// <summary>Checks that sessions are the user that the stored files belong to, or notes it in a store that does not say yet.</summary>
    /// <exception cref="AgbException">HostNotReady: they are another.</exception>
    internal static void Require(StorePaths paths)
    {
        if (!SandboxIdentity.IsRoot)
        {
            return;
        }
        var path = Path.Combine(paths.Home, FileName);
        var user = string.Create(CultureInfo.InvariantCulture, $"{SandboxIdentity.HostUid}:{SandboxIdentity.HostGid}");
        if (!File.Exists(path))
        {
            var draft = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllText(draft, user + "\n");
            File.Move(draft, path, overwrite: true);
            return;
        }
        if (File.ReadAllText(path).Trim() is var stored && stored != user)
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
                $"The files of the store '{paths.Home}' belong to the host user {stored}, and sessions here are {user}: the user namespace has another map of ids than before.",
                $"Start the container with the map of ids that it had, or give the files to the new user: chown -hR --from={stored} {user} '{paths.Home}' && echo {user} > '{path}'.",
                paths.Home);
        }
    }
}
