# Run by the agent: says what it is and what it may do, then waits.
set -u
echo "user $(id -u):$(id -g), capabilities $(grep CapEff /proc/self/status | cut -f 2)"
echo "token of $(wc -c < /run/secrets/token) bytes, $(stat -c '%a %u:%g' /run/secrets/token)"
touch /touched 2> /dev/null || echo "the root file system is read-only"
touch /scratch/ready && echo "ready"
exec sleep 1000000
