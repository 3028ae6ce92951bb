using System.Globalization;

namespace Agb.Store;

/// <summary>The host user of the files in root's store, recorded in the home. Another id mapping gives sessions another user,
/// unable to change stored files.</summary>
internal static class SessionUser
{
    private const string FileName = "session-user";

    /// <summary>Checks that sessions run as the owner of the stored files, or records the owner in a new store.</summary>
    /// <exception cref="AgbException">HostNotReady: the user differs.</exception>
    internal static void Require(StorePaths paths)
    {
        if (!SandboxIdentity.IsRoot)
        {
            return;
        }
        var path = Path.Combine(paths.Home, FileName);
        var user = string.Create(CultureInfo.InvariantCulture, $"{SandboxIdentity.HostUid}:{SandboxIdentity.HostGid}");
        var stored = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        if (stored.Length == 0)
        {
            // Also after a power cut in an earlier version, which did not flush the file.
            AtomicFile.Replace(path, System.Text.Encoding.ASCII.GetBytes(user + "\n"), flush: true);
        }
        else if (stored != user)
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
                $"The files of the store '{paths.Home}' belong to the host user {stored}, but sessions here run as {user}: the id mapping of the user namespace has changed.",
                $"Start the container with its former id mapping, or give the files to the new user: chown -hR --from={stored} {user} '{paths.Home}' && echo {user} > '{path}'.",
                paths.Home);
        }
    }
}
