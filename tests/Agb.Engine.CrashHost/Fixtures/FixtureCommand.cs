namespace Agb.Engine.CrashHost.Fixtures;

/// <summary>Writes the fixture of the format that this build writes: <c>fixture NAME DIRECTORY</c> makes NAME.store.gz and, beside
/// it, what it must be read as. To be run once for each version of the format or of the catalog's schema, and never again.</summary>
internal static class FixtureCommand
{
    internal static async Task RunAsync(string name, string directory)
    {
        var home = Directory.CreateTempSubdirectory("agb-fixture-").FullName;
        try
        {
            await FixtureStore.MakeAsync(home);
            IReadOnlyList<string> listing;
            using (var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home }))
            {
                listing = StoreListing.Of(service);
            }
            StoreArchive.Pack(home, Path.Combine(directory, name + ".store.gz"));
            await File.WriteAllTextAsync(Path.Combine(directory, name + ".expected.txt"), string.Join('\n', listing) + "\n");
        }
        finally
        {
            TreeRemover.Remove(home);
        }
    }
}
