namespace Agb.Engine;

public sealed partial class EmbeddedService
{
    /// <summary>Recovers now, and waits for the recovery and the releases found due.</summary>
    internal Task RecoverAsync() => _housekeeping.RecoverAsync();

    /// <summary>Waits for all background work.</summary>
    internal Task SettleAsync() => _housekeeping.SettleAsync();
}
