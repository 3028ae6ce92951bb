namespace Agb.Cloud;

/// <summary>Where an AGB service answers.</summary>
public static class AgbEndpoint
{
    /// <summary>The AGB cloud's host.</summary>
    public const string Default = "sdk-api.agb.cloud";
}
