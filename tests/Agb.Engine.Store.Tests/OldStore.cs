using Agb.Engine.CrashHost.Fixtures;

namespace Agb.Engine.Store.Tests;

/// <summary>Stores that earlier versions of the program wrote, kept as they were.</summary>
internal static class OldStore
{
    /// <summary>Where they lie.</summary>
    internal static string Fixtures => Path.Combine(AppContext.BaseDirectory, "Fixtures");

    /// <summary>Unpacks one, or skips the test where a file system can't hold it.</summary>
    /// <param name="name">The name of the fixture.</param>
    /// <param name="home">The directory that it becomes.</param>
    internal static void Unpack(string name, string home)
    {
        try
        {
            StoreArchive.Unpack(Path.Combine(Fixtures, name + ".store.gz"), home);
        }
        catch (PosixException e) when (e.Errno is Errno.EPERM or Errno.EOPNOTSUPP)
        {
            TreeRemover.Remove(home);
            Assert.Skip($"The directory for temporary files takes no whiteouts or attributes: {e.Message}");
        }
    }

    /// <summary>Opens one that keeps all its versions: by the date of the test they are old.</summary>
    internal static EmbeddedService Open(string home, MountKind kind = MountKind.Auto) => EmbeddedService.Open(
        new EmbeddedOptions { HomeDirectory = home, MountKind = kind, KeepVersionsFor = TimeSpan.FromDays(36_500) });
}
