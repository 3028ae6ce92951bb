using Agb.Engine;

namespace Agb.Testing;

/// <summary>Sessions from prepared sandboxes in every test of a run: enabled by <c>AGB_TESTS=prepared</c> in the environment, as in
/// <c>./build.ps1 Prove prepared</c>.</summary>
public static class PreparedSessions
{
    /// <summary>Whether they are wanted.</summary>
    public static bool Wanted { get; } = Environment.GetEnvironmentVariable("AGB_TESTS") == "prepared";

    /// <summary>Opens a service, if wanted with a sandbox that stands ready for its first session.</summary>
    public static EmbeddedService Open(EmbeddedOptions options)
    {
        if (!Wanted)
        {
            return EmbeddedService.Open(options);
        }
        var service = EmbeddedService.Open(options with { PreparedSandboxes = 1 });
        var first = new AgbSessionRequest();
        var image = service.Parts.Images.Get(first.ImageId);
        service.Prepared.PrepareLater(new PreparedKind(image, AgbNetwork.Host, AgbSessionLimits.None));
        return service;
    }
}
