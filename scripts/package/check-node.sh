# Node.js of any origin will do. Says what is wrong and returns 1 when there is none, or an old one.
check_node() {
  if ! command -v node > /dev/null 2>&1; then
    echo "heartbeat needs Node.js 20 or newer, and there is no \"node\" in the PATH. Install it first (package nodejs of" >&2
    echo "Debian 13 or of deb.nodesource.com), then install heartbeat again." >&2
    return 1
  fi
  major=$(node -p 'process.versions.node.split(".")[0]' 2> /dev/null) || major=0
  if [ "$major" -lt 20 ]; then
    echo "heartbeat needs Node.js 20 or newer; \"node\" here is $(node --version 2> /dev/null)." >&2
    echo "Install a newer one first (package nodejs of Debian 13 or of deb.nodesource.com)." >&2
    return 1
  fi
}
